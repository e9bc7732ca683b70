import { resourceKey } from "../../../core/resources/resource-id.ts";
import type { DeploymentProperties, DeploymentResource } from "../../../core/resources/resources.ts";
import type { DeploymentOrder } from "../../../resource-manager/template/template-evaluator.ts";
import type { ArmCall } from "../arm-call.ts";

/** The type of the records of deployments. */
export const DEPLOYMENT_TYPE = "Microsoft.Resources/deployments";

/** Deployments that are kept in one group or subscription, as many as the service keeps. */
const MAX_KEPT = 800;
/** Total size of the deployments kept in one group or subscription, in characters of JSON: outputs can be large. */
const MAX_KEPT_CHARS = 16_777_216;

/** Returns the id of a deployment in the group or subscription of a call. */
export function deploymentId(call: ArmCall, name: string): string {
  return `${placeOf(call)}/${name}`;
}

/** Returns the deployments that are kept in the group or subscription of a call. */
export function deploymentsIn(call: ArmCall): readonly DeploymentResource[] {
  const prefix = `${resourceKey(placeOf(call))}/`;
  return call.engine.directory
    .below(scopeOfCall(call), DEPLOYMENT_TYPE)
    .filter(({ id }) => resourceKey(id).startsWith(prefix));
}

/** Returns the record of a new deployment. */
export function deploymentRecord(call: ArmCall, name: string, order: DeploymentOrder): DeploymentResource {
  const { mode, location = "local", templateHash } = order;
  const properties: DeploymentProperties = {
    state: "Running",
    mode,
    startedAt: call.clock.now(),
    correlationId: call.caller.correlationId,
    templateHash,
    parameters: {},
    outputs: {},
    resources: [],
    operations: [],
  };
  return { id: deploymentId(call, name), name, type: DEPLOYMENT_TYPE, uid: "", location, properties };
}

/** Stores a record, and deletes the oldest records of the same scope beyond the limits on their number and size. */
export async function keepDeployment(call: ArmCall, deployment: DeploymentResource): Promise<void> {
  const { controlPlane } = call.engine;
  const key = resourceKey(deployment.id);
  const others = deploymentsIn(call)
    .filter(({ id, properties }) => resourceKey(id) !== key && properties.state !== "Running")
    .toSorted((one, other) => other.properties.startedAt - one.properties.startedAt);
  let chars = sizeOf(deployment);
  for (const [index, other] of others.entries()) {
    chars += sizeOf(other);
    if (index >= MAX_KEPT - 1 || chars > MAX_KEPT_CHARS) await controlPlane.delete(other.id);
  }
  const { uid: _uid, ...desired } = deployment;
  await controlPlane.put(desired);
}

/** Sizes of stored records, which are immutable. */
const sizes = new WeakMap<DeploymentResource, number>();

function sizeOf(deployment: DeploymentResource): number {
  const known = sizes.get(deployment);
  if (known !== undefined) return known;
  const size = JSON.stringify(deployment).length;
  sizes.set(deployment, size);
  return size;
}

function placeOf(call: ArmCall): string {
  return `${scopeOfCall(call)}/providers/${DEPLOYMENT_TYPE}`;
}

function scopeOfCall({ path }: ArmCall): string {
  const group = path.resourceGroup === undefined ? "" : `/resourceGroups/${path.resourceGroup}`;
  return `/subscriptions/${path.subscriptionId}${group}`;
}
