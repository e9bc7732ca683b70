import { createHash } from "node:crypto";
import { RingmainError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { JsonReader } from "../body/json-reader.ts";
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
  const reader = new JsonReader(parseTemplateText(new TextDecoder().decode(body), budget));
  const properties = reader.child("properties");
  const template = templateOf(properties);
  const location = reader.text("location");
  if (scope.resourceGroup === undefined && location === undefined) {
    const message = `The 'location' property must be specified for '${name}'. Please see https://aka.ms/deploy-to-subscription for usage details.`;
    throw new RingmainError("location_required", message);
  }
  const parameters = properties?.raw("parameters");
  const request: DeploymentRequest = {
    template,
    parameters: isJsonObject(parameters) ? parameters : {},
    scope: { ...scope, deployment: { name, location } },
  };
  const mode = properties?.oneOf("mode", ["Incremental", "Complete"] as const) ?? "Incremental";
  return {
    order: { mode, location, templateHash: hashOf(template) },
    validate: () => validateTemplate(request, budget),
    deploy: (target) => deployTemplate(request, target, budget),
    close: () => {},
  };
}

function templateOf(properties: JsonReader | undefined): JsonObject {
  if (properties?.raw("templateLink") !== undefined) {
    throw new RingmainError("invalid_template", "A template link is not supported: send the template itself.");
  }
  const template = properties?.raw("template");
  if (isJsonObject(template)) return template;
  throw new RingmainError("invalid_template", "The deployment must have a template, in 'properties.template'.");
}

function hashOf(template: JsonObject): string {
  const digest = createHash("sha256").update(JSON.stringify(template)).digest();
  return digest.readBigUInt64BE().toString();
}
