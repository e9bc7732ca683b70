import type { JsonObject } from "../../core/json.ts";
import type { ResourceType } from "../../core/resources/resources.ts";
import type { ResourceScope } from "../../core/resources/resource-id.ts";

/** The resources in one resource group of a running Ringmain, as its management routes return them. */
export interface RunningResources {
  readonly scope: ResourceScope;
  /** All resources except event subscriptions and resource groups. */
  readonly resources: readonly RunningResource[];
  readonly subscriptions: readonly RunningSubscription[];
}

/** A resource, as reads return it. */
export interface RunningResource {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly location?: string;
  readonly resource: JsonObject;
  /** Access keys, if the resource has keys and they were requested. */
  readonly keys?: { readonly key1: string; readonly key2: string };
}

/** Returns the resources of one type. */
export function resourcesOfType(
  { resources }: Pick<RunningResources, "resources">,
  type: ResourceType,
): RunningResource[] {
  return resources.filter((each) => each.type === type);
}

/** An event subscription, as reads and its actions return it. */
export interface RunningSubscription {
  readonly name: string;
  /** ARM id of its source. */
  readonly source: string;
  readonly properties: JsonObject;
  /** Full URL of a webhook. */
  readonly endpointUrl?: string;
  /** Delivery attributes with their secret values. */
  readonly attributes?: readonly JsonObject[];
}

/** Options of an export. */
export interface ExportOptions {
  /** Whether to export secrets. */
  readonly includeSecrets: boolean;
}

/** Returns whether a URL has a query or a user, which may be secret. */
export function holdsSecret(url: string): boolean {
  return /[?#]|\/\/[^/]*@/.test(url);
}

/** Returns a URL without the parts that may be secret. */
export function withoutSecret(url: string): string {
  return url.replace(/[?#].*$/s, "").replace(/\/\/[^/]*@/, "//");
}
