import { createHash } from "node:crypto";
import { EVENT_GRID_VERSIONS } from "../../../resource-manager/api-versions.ts";
import { armError } from "../../../resource-manager/arm-error.ts";
import { deployTemplate, type DeploymentTarget } from "../../../resource-manager/template/deploy-template.ts";
import type { DeploymentRequest } from "../../../resource-manager/template/deployment-request.ts";
import type { SecretValues } from "../../../resource-manager/template/secret-values.ts";
import { TemplateError } from "../../../resource-manager/template/template-error.ts";
import type { Budget } from "../../../core/budget.ts";
import { RingmainError, toError } from "../../../core/errors.ts";
import type { JsonObject, JsonValue } from "../../../core/json.ts";
import { resourceGroupId, resourceKey } from "../../../core/resources/resource-id.ts";
import type { DeploymentOperation, DeploymentProperties } from "../../../core/resources/resources.ts";
import { contentsOf, groupExists } from "../../../engine/directory/resource-groups.ts";
import { armTypeNamed } from "../../../resource-manager/resource-types.ts";
import type { ArmCall } from "../arm-call.ts";
import { operationStatus } from "../operation-status.ts";

/** An operation's id, from the address where its status is asked for. */
const OPERATION = /\/operationsStatus\/([^/?]+)/;
/** How long between two looks at what goes on after its answer. */
const LOOK_MS = 100;

/** A deployment that was asked for. */
export interface DeploymentOrder extends DeploymentRequest {
  readonly budget: Budget;
  readonly mode: DeploymentProperties["mode"];
}

/** What a deployment came to. */
export type DeploymentResult = Pick<
  DeploymentProperties,
  "state" | "parameters" | "outputs" | "resources" | "operations" | "error"
>;

/**
 * Carries a deployment out, through the same calls that a client would make, and tells what came of it; never rejects.
 * Between two resources it stops when it is canceled. Source: [ARM-DEPLOYMENT]
 */
export async function runDeployment(
  call: ArmCall,
  order: DeploymentOrder,
  canceled: AbortSignal,
): Promise<DeploymentResult> {
  const operations: DeploymentOperation[] = [];
  const empty = { parameters: {}, outputs: {}, resources: [], operations };
  try {
    const outcome = await deployTemplate(order, targetOf(call, order, operations, canceled), order.budget);
    if (order.mode === "Complete") await deleteOthers(call, order, outcome.resources);
    return { state: "Succeeded", ...outcome, operations };
  } catch (thrown) {
    if (canceled.aborted) return { state: "Canceled", ...empty };
    return { state: "Failed", ...empty, error: failureOf(thrown, order, operations) };
  }
}

/** Depends on what the template says, not on how it is written. */
export function templateHash(template: JsonObject): string {
  const digest = createHash("sha256").update(JSON.stringify(template)).digest();
  return digest.readBigUInt64BE().toString();
}

/** The group of this name, as templates see it. Rejects with `resource_group_not_found`. */
export function groupOfScope(
  { engine }: ArmCall,
  subscriptionId: string,
  name: string,
): NonNullable<DeploymentRequest["scope"]["resourceGroup"]> {
  const scope = { subscriptionId, resourceGroup: name };
  if (!groupExists(engine.directory, scope)) {
    throw new RingmainError("resource_group_not_found", `Resource group '${name}' could not be found.`);
  }
  const id = resourceGroupId(scope);
  const stored = engine.directory.get(id)?.resource;
  return {
    id: stored?.id ?? id,
    name: stored?.name ?? name,
    location: stored?.location ?? "local",
    tags: { ...stored?.tags },
  };
}

function targetOf(
  call: ArmCall,
  { secrets }: DeploymentOrder,
  operations: DeploymentOperation[],
  canceled: AbortSignal,
): DeploymentTarget {
  const { send, clock } = call;
  return {
    async put(id, apiVersion, body) {
      canceled.throwIfAborted();
      const answer = await send({ method: "PUT", path: id, apiVersion, body });
      const operation = OPERATION.exec(answer.headers?.["azure-asyncoperation"] ?? "")?.[1];
      if (operation !== undefined) await settled(call, operation, canceled);
    },
    async get(id, apiVersion) {
      const { body } = await send({ method: "GET", path: id, apiVersion });
      return body ?? {};
    },
    async list(id, action, apiVersion, body) {
      const answer = await send({ method: "POST", path: `${id}/${action}`, apiVersion, body: objectOf(body) });
      return answer.body ?? {};
    },
    ended(target, failure) {
      const error = failure === undefined ? {} : { error: withoutSecrets(errorOf(failure), secrets) };
      operations.push({ target, at: clock.now(), ...error });
    },
    resourceGroup: async (subscriptionId, name) => groupOfScope(call, subscriptionId, name),
  };
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** Waits for a webhook's consent; one that has to be given by hand is not waited for. */
async function settled(call: ArmCall, operation: string, canceled: AbortSignal): Promise<void> {
  const { engine, clock } = call;
  for (;;) {
    const subscription = engine.directory.subscriptionByUid(operation);
    if (subscription?.properties.provisioningState === "AwaitingManualAction") return;
    const { status, error } = operationStatus(call, operation).body ?? {};
    if (status === "Failed") throw new SettledError(objectOf(error));
    if (status !== "InProgress") return;
    await clock.sleepUntil(clock.now() + LOOK_MS, canceled);
  }
}

/** A resource that was taken, and failed afterwards. */
class SettledError extends Error {
  readonly body: JsonObject;
  constructor(body: JsonObject) {
    const { message } = body;
    super(typeof message === "string" ? message : JSON.stringify(body));
    this.body = body;
  }
}

/** [ARM-DEPLOYMENT-COMPLETE] */
async function deleteOthers(
  { engine, send }: ArmCall,
  { scope }: DeploymentOrder,
  declared: DeploymentResult["resources"],
): Promise<void> {
  if (scope.resourceGroup === undefined) return;
  const kept = new Set(declared.map(({ id }) => resourceKey(id)));
  for (const { resource } of contentsOf(engine.directory, scope.resourceGroup.id)) {
    const isTopLevel = armTypeNamed(resource.type)?.placement.kind === "group";
    // What a subscription made by itself stays as long as that does.
    const isImplicit = resource.type === "Microsoft.EventGrid/systemTopics" && resource.implicit === true;
    if (!isTopLevel || isImplicit || kept.has(resourceKey(resource.id))) continue;
    await send({ method: "DELETE", path: resource.id, apiVersion: EVENT_GRID_VERSIONS[0] ?? "" });
  }
}

/** Source: [ARM-DEPLOYMENT-FAILED] */
function failureOf(
  thrown: unknown,
  { secrets }: DeploymentOrder,
  operations: readonly DeploymentOperation[],
): JsonObject {
  if (thrown instanceof TemplateError) return withoutSecrets(errorOf(thrown), secrets);
  const failed = operations.findLast(({ error }) => error !== undefined);
  const details =
    failed?.error === undefined
      ? [withoutSecrets(errorOf(thrown), secrets)]
      : [{ ...failed.error, target: failed.target.id }];
  return {
    code: "DeploymentFailed",
    message:
      "At least one resource deployment operation failed. Please list deployment operations for details. Please see https://aka.ms/arm-deployment-operations for usage details.",
    details,
  };
}

/** [ARM-TEMPLATE-SECRET] */
function withoutSecrets(error: JsonObject, secrets: SecretValues): JsonObject {
  const { message } = error;
  return typeof message === "string" ? { ...error, message: secrets.hide(message) } : error;
}

function errorOf(thrown: unknown): JsonObject {
  if (thrown instanceof SettledError) return thrown.body;
  if (thrown instanceof TemplateError) return { code: thrown.code, message: thrown.message };
  const error =
    thrown instanceof RingmainError
      ? thrown
      : new RingmainError("internal", toError(thrown).message, { cause: thrown });
  return objectOf(armError(error).body["error"]);
}
