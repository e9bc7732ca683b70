import type { JsonObject } from "../../core/json.ts";
import type { ResourceType } from "../../core/resources/resources.ts";
import type { ResourceScope } from "../../core/resources/resource-id.ts";

/** What a running Ringmain holds in one resource group, as its management routes tell it. */
export interface RunningResources {
  readonly scope: ResourceScope;
  /** Whole resources as they are read, event subscriptions and resource groups aside. */
  readonly resources: readonly RunningResource[];
  readonly subscriptions: readonly RunningSubscription[];
}

/** A resource as it is read. */
export interface RunningResource {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly location?: string;
  readonly resource: JsonObject;
  /** Its access keys, where it has some and they were asked for. */
  readonly keys?: { readonly key1: string; readonly key2: string };
}

/** Returns the resources of one type. */
export function resourcesOfType(
  { resources }: Pick<RunningResources, "resources">,
  type: ResourceType,
): RunningResource[] {
  return resources.filter((each) => each.type === type);
}

/** An event subscription as it is read, with what only calls of their own tell. */
export interface RunningSubscription {
  readonly name: string;
  /** ARM id of what it listens to. */
  readonly source: string;
  readonly properties: JsonObject;
  /** A webhook's whole URL. */
  readonly endpointUrl?: string;
  /** Delivery attributes with their secret values. */
  readonly attributes?: readonly JsonObject[];
}

/** How an export is made. */
export interface ExportOptions {
  /** Write secrets into what is exported. */
  readonly includeSecrets: boolean;
}

/** A URL whose query or user may be a secret. */
export function holdsSecret(url: string): boolean {
  return /[?#]|\/\/[^/]*@/.test(url);
}

/** A URL without what may be secret in it. */
export function withoutSecret(url: string): string {
  return url.replace(/[?#].*$/s, "").replace(/\/\/[^/]*@/, "//");
}
