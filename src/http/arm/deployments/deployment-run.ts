import { EVENT_GRID_VERSIONS } from "../../../resource-manager/api-versions.ts";
import { armError } from "../../../resource-manager/arm-error.ts";
import type { DeploymentTarget } from "../../../resource-manager/template/deploy-template.ts";
import type { DeploymentScope } from "../../../resource-manager/template/expressions/evaluation.ts";
import type { TemplateSession } from "../../../resource-manager/template/template-evaluator.ts";
import { TargetError } from "../../../resource-manager/template/target-error.ts";
import { TemplateError } from "../../../resource-manager/template/template-error.ts";
import { RingmainError, toError } from "../../../core/errors.ts";
import type { JsonObject, JsonValue } from "../../../core/json.ts";
import { resourceGroupId, resourceKey } from "../../../core/resources/resource-id.ts";
import type { DeploymentOperation, DeploymentProperties } from "../../../core/resources/resources.ts";
import { groupExists } from "../../../engine/directory/resource-groups.ts";
import { kindOf } from "../../../core/kinds/index.ts";
import { requireGrant } from "../access/management-access.ts";
import type { ArmCall } from "../arm-call.ts";
import { operationStatus } from "../operation-status.ts";

/** Matches an operation's id in the address of its status. */
const OPERATION = /\/operationsStatus\/([^/?]+)/;
/** Milliseconds between two polls of an operation. */
const LOOK_MS = 100;

/** The operation that a nested deployment needs in its resource group. */
const DEPLOYMENT_WRITE = {
  name: "Microsoft.Resources/deployments/write",
  kind: "write",
  provider: "Microsoft.Resources",
} as const;

/** Result of a deployment. */
export type DeploymentResult = Pick<
  DeploymentProperties,
  "state" | "parameters" | "outputs" | "resources" | "operations" | "error"
>;

/**
 * Carries out a deployment through the same calls that a client would make. Resolves with its result and never rejects.
 * Closes the session when the deployment is canceled. Source: [ARM-DEPLOYMENT]
 */
export async function runDeployment(
  call: ArmCall,
  session: TemplateSession,
  canceled: AbortSignal,
): Promise<DeploymentResult> {
  canceled.addEventListener("abort", () => session.close(), { once: true });
  const operations: DeploymentOperation[] = [];
  const empty = { parameters: {}, outputs: {}, resources: [], operations };
  try {
    const outcome = await session.deploy(targetOf(call, operations, canceled));
    if (session.order.mode === "Complete") await deleteOthers(call, outcome.resources);
    return { state: "Succeeded", ...outcome, operations };
  } catch (thrown) {
    if (canceled.aborted) return { state: "Canceled", ...empty };
    return { state: "Failed", ...empty, error: failureOf(thrown, operations) };
  }
}

/** Returns the resource group with this name, as templates see it. Throws `resource_group_not_found`. */
export function groupOfScope(
  { engine }: ArmCall,
  subscriptionId: string,
  name: string,
): NonNullable<DeploymentScope["resourceGroup"]> {
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

function targetOf(call: ArmCall, operations: DeploymentOperation[], canceled: AbortSignal): DeploymentTarget {
  const { send, clock } = call;
  return {
    put: (id, apiVersion, body) =>
      attempt(async () => {
        canceled.throwIfAborted();
        const answer = await send({ method: "PUT", path: id, apiVersion, body });
        const operation = OPERATION.exec(answer.headers?.["azure-asyncoperation"] ?? "")?.[1];
        if (operation !== undefined) await settled(call, operation, canceled);
      }),
    get: (id, apiVersion) => attempt(async () => (await send({ method: "GET", path: id, apiVersion })).body ?? {}),
    list: (id, action, apiVersion, body) =>
      attempt(async () => {
        const answer = await send({ method: "POST", path: `${id}/${action}`, apiVersion, body: objectOf(body) });
        return answer.body ?? {};
      }),
    ended(target, failure) {
      const error = failure === undefined ? {} : { error: errorOf(failure) };
      operations.push({ target, at: clock.now(), ...error });
    },
    resourceGroup: (subscriptionId, name) =>
      attempt(async () => {
        const resourceId = resourceGroupId({ subscriptionId, resourceGroup: name });
        requireGrant(call.caller.manager, { ...DEPLOYMENT_WRITE, resourceId });
        return groupOfScope(call, subscriptionId, name);
      }),
  };
}

/** Runs `work` and replaces its error by the form that clients see, which can be sent to the evaluator's thread. */
async function attempt<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (thrown) {
    throw new TargetError(errorOf(thrown));
  }
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** Waits until a webhook's handshake has ended; does not wait for a manual validation. */
async function settled(call: ArmCall, operation: string, canceled: AbortSignal): Promise<void> {
  const { engine, clock } = call;
  for (;;) {
    const subscription = engine.directory.subscriptionByUid(operation);
    if (subscription?.properties.provisioningState === "AwaitingManualAction") return;
    const { status, error } = operationStatus(call, operation).body ?? {};
    if (status === "Failed") throw new TargetError(objectOf(error));
    if (status !== "InProgress") return;
    await clock.sleepUntil(clock.now() + LOOK_MS, canceled);
  }
}

/** Deletes the resources of the group that a template of mode `Complete` does not declare. [ARM-DEPLOYMENT-COMPLETE] */
async function deleteOthers(call: ArmCall, declared: DeploymentResult["resources"]): Promise<void> {
  const { engine, send, path } = call;
  const { subscriptionId = "", resourceGroup } = path;
  if (resourceGroup === undefined) return;
  const kept = new Set(declared.map(({ id }) => resourceKey(id)));
  const group = groupOfScope(call, subscriptionId, resourceGroup);
  for (const resource of engine.directory.below(group.id)) {
    const isTopLevel = kindOf(resource).placement.kind === "group";
    // A system topic that a subscription created stays as long as the subscription does.
    const isImplicit = "implicit" in resource && resource.implicit;
    if (!isTopLevel || isImplicit || kept.has(resourceKey(resource.id))) continue;
    await send({ method: "DELETE", path: resource.id, apiVersion: EVENT_GRID_VERSIONS[0] ?? "" });
  }
}

/** Returns the error of a failed deployment. Source: [ARM-DEPLOYMENT-FAILED] */
function failureOf(thrown: unknown, operations: readonly DeploymentOperation[]): JsonObject {
  if (thrown instanceof TemplateError) return errorOf(thrown);
  const failed = operations.findLast(({ error }) => error !== undefined);
  const details = failed?.error === undefined ? [errorOf(thrown)] : [{ ...failed.error, target: failed.target.id }];
  return {
    code: "DeploymentFailed",
    message:
      "At least one resource deployment operation failed. Please list deployment operations for details. Please see https://aka.ms/arm-deployment-operations for usage details.",
    details,
  };
}

function errorOf(thrown: unknown): JsonObject {
  if (thrown instanceof TargetError) return thrown.body;
  if (thrown instanceof TemplateError) return { code: thrown.code, message: thrown.message };
  const error =
    thrown instanceof RingmainError
      ? thrown
      : new RingmainError("internal", toError(thrown).message, { cause: thrown });
  return objectOf(armError(error).body["error"]);
}
