import { createHash } from "node:crypto";
import { RingmainError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { CollectedNotes } from "../body/body-notes.ts";
import { DEPLOYMENT_BODY, type DeploymentBody } from "../wire/deployment.ts";
import { deployTemplate, validateTemplate, type DeploymentTarget } from "./deploy-template.ts";
import type { DeploymentRequest } from "./deployment-request.ts";
import { parseTemplateText } from "./parse-template-text.ts";
import { SecretValues } from "./secret-values.ts";
import { TargetError } from "./target-error.ts";
import type { SentDeployment, TemplateEvaluator, TemplateSession } from "./template-evaluator.ts";
import { TemplateError } from "./template-error.ts";
import { createTemplateBudget } from "./template-limits.ts";

/** An evaluator that works in the calling thread and blocks it. */
export const localEvaluator: TemplateEvaluator = {
  open: (sent) => Promise.resolve(sent).then(openLocally),
};

/** Reads a deployment's body. Throws if the body is invalid. Source: [ARM-TEMPLATE-TEXT] */
function openLocally({ body, name, scope }: SentDeployment): TemplateSession {
  const budget = createTemplateBudget();
  const secrets = new SecretValues();
  const notes = new CollectedNotes();
  const parsed = parseTemplateText(new TextDecoder().decode(body), budget);
  const { location, properties = {} } = DEPLOYMENT_BODY.read(parsed, "", notes);
  const template = templateOf(properties);
  if (scope.resourceGroup === undefined && location === undefined) {
    const message = `The 'location' property must be specified for '${name}'. Please see https://aka.ms/deploy-to-subscription for usage details.`;
    throw new RingmainError("location_required", message);
  }
  const { parameters = {}, mode = "Incremental" } = properties;
  const ownScope = { ...scope, deployment: { name, location } };
  const request: DeploymentRequest = { template, parameters, scope: ownScope, secrets };
  const { unknownMembers, repeatedMembers } = notes;
  return {
    order: { mode, location, templateHash: hashOf(template), notes: { unknownMembers, repeatedMembers } },
    validate: () => hiding(secrets, () => validateTemplate(request, budget)),
    deploy: (target) => hiding(secrets, () => deployTemplate(request, withoutSecrets(target, secrets), budget)),
    close: () => {},
  };
}

/** Runs `work` and masks the secrets in its errors. */
async function hiding<Result>(secrets: SecretValues, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (thrown) {
    throw hidden(thrown, secrets);
  }
}

/** Returns a target that receives failures with masked secrets. */
function withoutSecrets(target: DeploymentTarget, secrets: SecretValues): DeploymentTarget {
  return { ...target, ended: (resource, failure) => target.ended(resource, hidden(failure, secrets)) };
}

/** Returns an error with masked secrets. [ARM-TEMPLATE-SECRET] */
function hidden(thrown: unknown, secrets: SecretValues): unknown {
  if (thrown instanceof TemplateError) return new TemplateError(thrown.code, secrets.hide(thrown.message));
  if (thrown instanceof TargetError) return new TargetError({ ...thrown.body, message: secrets.hide(thrown.message) });
  return thrown;
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
