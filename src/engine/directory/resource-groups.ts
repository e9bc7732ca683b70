import {
  DEFAULT_RESOURCE_GROUP,
  resourceGroupId,
  resourceKey,
  type ResourceScope,
} from "../../core/resources/resource-id.ts";
import type { StoredResource } from "../../ports/resource-store.ts";
import type { ResourceDirectory } from "./resource-directory.ts";

/** What is in a resource group: resources, and event subscriptions to resources in it. */
export function contentsOf(directory: ResourceDirectory, groupId: string): StoredResource[] {
  const prefix = `${resourceKey(groupId)}/`;
  return [...directory.all()].filter(({ resource }) => resourceKey(resource.id).startsWith(prefix));
}

/**
 * Whether resources can be made in a group. The group that the configuration file declares everything in is there in
 * every subscription; another is there once it was made, or when something is in it. [ARM-GROUPS]
 */
export function groupExists(directory: ResourceDirectory, scope: ResourceScope): boolean {
  const id = resourceGroupId(scope);
  return (
    resourceKey(scope.resourceGroup) === DEFAULT_RESOURCE_GROUP ||
    directory.get(id) !== undefined ||
    directory.isGroupUsed(id)
  );
}
