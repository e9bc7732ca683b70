import type { JsonObject } from "../json.ts";
import type { EpochMs } from "../time.ts";
import type { ResourceBase } from "../resources/base.ts";
import { PLAIN, type ResourceKind } from "./kind.ts";

/** A deployment of a template, kept as the record of what it did. */
export type DeploymentResource = ResourceBase<"Microsoft.Resources/deployments", DeploymentProperties>;

export interface DeploymentProperties {
  readonly state: "Running" | "Succeeded" | "Failed" | "Canceled";
  /** `Complete`: what is in the group and not in the template is deleted. */
  readonly mode: "Incremental" | "Complete";
  readonly startedAt: EpochMs;
  readonly endedAt?: EpochMs;
  readonly correlationId: string;
  /** Depends on the template's text alone. */
  readonly templateHash: string;
  /** `{name: {type, value}}`, without secrets. */
  readonly parameters: JsonObject;
  readonly outputs: JsonObject;
  /** What the template declares. */
  readonly resources: readonly DeployedResource[];
  /** What was done, in order. */
  readonly operations: readonly DeploymentOperation[];
  /** Why it failed, in Resource Manager's form. */
  readonly error?: JsonObject;
}

/** A resource that a deployment is responsible for. */
export interface DeployedResource {
  readonly id: string;
  readonly type: string;
  readonly name: string;
}

/** One resource's turn in a deployment. */
export interface DeploymentOperation {
  readonly target: DeployedResource;
  readonly at: EpochMs;
  /** Why it failed; absent when it did not. */
  readonly error?: JsonObject;
}

/** `Microsoft.Resources/deployments` */
export const deploymentKind: ResourceKind<DeploymentResource> = {
  ...PLAIN,
  type: "Microsoft.Resources/deployments",
  noun: "deployment",
  placement: { kind: "record" },
  location: "chosen",
  keyBytes: undefined,
  rules: () => [],
};
