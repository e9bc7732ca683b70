import { parentId, resourceKey, scopeOf } from "../resources/resource-id.ts";
import type { DirectoryPlace } from "./kind.ts";

/** A resource with a name of its own in a region. */
export interface Regional {
  readonly id: string;
  readonly type: string;
  readonly location: string;
}

/** Returns the key of a kind's resources of one name, in whatever group and region. Case does not matter. */
export function nameKey(type: string, name: string): string {
  return `${type}\n${name.toLowerCase()}`;
}

/** Returns the key of a kind's resources in one Azure subscription and region. */
export function regionKey({ id, type, location }: Regional): string {
  return `${type}\n${scopeOf(id).subscriptionId.toLowerCase()}\n${location.toLowerCase()}`;
}

/** Returns the key of a namespace's channel. The source is a publisher's text: its case counts. */
export function channelSourceKey(namespaceId: string, source: string): string {
  return `${resourceKey(namespaceId)}\n${source}`;
}

/** Finds a resource by its name. */
export function namedPlace({ type, name }: { readonly type: string; readonly name: string }): DirectoryPlace {
  return ["name", nameKey(type, name)];
}

/** Finds a resource by its region. */
export function regionPlace(resource: Regional): DirectoryPlace {
  return ["region", regionKey(resource)];
}

/** Finds a child by its parent. */
export function childPlace({ id }: { readonly id: string }): DirectoryPlace {
  return ["parent", resourceKey(parentId(id))];
}
