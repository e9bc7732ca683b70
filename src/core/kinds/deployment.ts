import type { JsonObject } from "../json.ts";
import type { EpochMs } from "../time.ts";
import type { ResourceBase } from "../resources/base.ts";
import { PLAIN, type ResourceKind } from "./kind.ts";

/** Record of the deployment of a template. */
export type DeploymentResource = ResourceBase<"Microsoft.Resources/deployments", DeploymentProperties>;

/** Properties of a deployment. */
export interface DeploymentProperties {
  readonly state: "Running" | "Succeeded" | "Failed" | "Canceled";
  /** Mode. `Complete` deletes resources of the group that are not in the template. */
  readonly mode: "Incremental" | "Complete";
  readonly startedAt: EpochMs;
  readonly endedAt?: EpochMs;
  readonly correlationId: string;
  /** Hash of the text of the template. */
  readonly templateHash: string;
  /** Parameters as `{name: {type, value}}`, without secrets. */
  readonly parameters: JsonObject;
  readonly outputs: JsonObject;
  /** Resources that the template declares. */
  readonly resources: readonly DeployedResource[];
  /** Completed operations, in order. */
  readonly operations: readonly DeploymentOperation[];
  /** Reason for the failure, in Resource Manager's form; unset unless the deployment failed. */
  readonly error?: JsonObject;
}

/** A resource that a template declares. */
export interface DeployedResource {
  readonly id: string;
  readonly type: string;
  readonly name: string;
}

/** Operation of a deployment on one resource. */
export interface DeploymentOperation {
  readonly target: DeployedResource;
  readonly at: EpochMs;
  /** Reason for the failure; unset if it succeeded. */
  readonly error?: JsonObject;
}

/** Resource kind of deployments. */
export const deploymentKind: ResourceKind<DeploymentResource> = {
  ...PLAIN,
  type: "Microsoft.Resources/deployments",
  noun: "deployment",
  placement: { kind: "record" },
  location: "chosen",
  keyBytes: undefined,
  rules: () => [],
};
