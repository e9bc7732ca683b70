import { parentId, resourceKey, scopeOf } from "../resources/resource-id.ts";
import type { DirectoryPlace } from "./kind.ts";

/** A resource whose name is unique in its region. */
export interface Regional {
  readonly id: string;
  readonly type: string;
  readonly location: string;
}

/** Returns the key of the resources of a kind that have this name, in all groups and regions. Ignores case. */
export function nameKey(type: string, name: string): string {
  return `${type}\n${name.toLowerCase()}`;
}

/** Returns the key of the resources of a kind in one Azure subscription and region. */
export function regionKey({ id, type, location }: Regional): string {
  return `${type}\n${scopeOf(id).subscriptionId.toLowerCase()}\n${location.toLowerCase()}`;
}

/** Returns the key of a channel. Case matters in the source, which is a text of the publisher. */
export function channelSourceKey(namespaceId: string, source: string): string {
  return `${resourceKey(namespaceId)}\n${source}`;
}

/** Returns the entry of a resource under its name. */
export function namedPlace({ type, name }: { readonly type: string; readonly name: string }): DirectoryPlace {
  return ["name", nameKey(type, name)];
}

/** Returns the entry of a resource under its region. */
export function regionPlace(resource: Regional): DirectoryPlace {
  return ["region", regionKey(resource)];
}

/** Returns the entry of a child resource under its parent. */
export function childPlace({ id }: { readonly id: string }): DirectoryPlace {
  return ["parent", resourceKey(parentId(id))];
}
