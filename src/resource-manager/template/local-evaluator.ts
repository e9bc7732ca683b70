import { createHash } from "node:crypto";
import { RingmainError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { CollectedNotes } from "../body/body-notes.ts";
import { DEPLOYMENT_BODY, type DeploymentBody } from "../wire/deployment.ts";
import { deployTemplate, validateTemplate, type DeploymentRequest } from "./deploy-template.ts";
import { parseTemplateText } from "./parse-template-text.ts";
import type { SentDeployment, TemplateEvaluator, TemplateSession } from "./template-evaluator.ts";
import { createTemplateBudget } from "./template-limits.ts";

/** Evaluates templates in the thread that asks, which hears nothing else meanwhile. */
export const localEvaluator: TemplateEvaluator = {
  open: (sent) => Promise.resolve(sent).then(openLocally),
};

/** Reads a deployment's body. Throws what is wrong with it. Source: [ARM-TEMPLATE-TEXT] */
function openLocally({ body, name, scope }: SentDeployment): TemplateSession {
  const budget = createTemplateBudget();
  const notes = new CollectedNotes();
  const parsed = parseTemplateText(new TextDecoder().decode(body), budget);
  const { location, properties = {} } = DEPLOYMENT_BODY.read(parsed, "", notes);
  const template = templateOf(properties);
  if (scope.resourceGroup === undefined && location === undefined) {
    const message = `The 'location' property must be specified for '${name}'. Please see https://aka.ms/deploy-to-subscription for usage details.`;
    throw new RingmainError("location_required", message);
  }
  const { parameters = {}, mode = "Incremental" } = properties;
  const request: DeploymentRequest = { template, parameters, scope: { ...scope, deployment: { name, location } } };
  const { unknownMembers, repeatedMembers } = notes;
  return {
    order: { mode, location, templateHash: hashOf(template), notes: { unknownMembers, repeatedMembers } },
    validate: () => validateTemplate(request, budget),
    deploy: (target) => deployTemplate(request, target, budget),
    close: () => {},
  };
}

function templateOf(properties: NonNullable<DeploymentBody["properties"]>): JsonObject {
  const { template, templateLink, parametersLink } = properties;
  if (templateLink !== undefined) {
    throw new RingmainError("invalid_template", "A template link is not supported: send the template itself.");
  }
  if (parametersLink !== undefined) {
    throw new RingmainError("invalid_template", "A parameters link is not supported: send the parameters themselves.");
  }
  if (isJsonObject(template)) return template;
  throw new RingmainError("invalid_template", "The deployment must have a template, in 'properties.template'.");
}

function hashOf(template: JsonObject): string {
  const digest = createHash("sha256").update(JSON.stringify(template)).digest();
  return digest.readBigUInt64BE().toString();
}
