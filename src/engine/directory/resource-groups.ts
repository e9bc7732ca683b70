import {
  DEFAULT_RESOURCE_GROUP,
  resourceGroupId,
  resourceKey,
  type ResourceScope,
} from "../../core/resources/resource-id.ts";
import type { ResourceDirectory } from "./resource-directory.ts";

/**
 * Whether resources can be made in a group. The group that the configuration file declares everything in is there in
 * every subscription; another is there once it was made, or when something is in it. [ARM-GROUPS]
 */
export function groupExists(directory: ResourceDirectory, scope: ResourceScope): boolean {
  const id = resourceGroupId(scope);
  return (
    resourceKey(scope.resourceGroup) === DEFAULT_RESOURCE_GROUP ||
    directory.get(id) !== undefined ||
    directory.hasBelow(id)
  );
}
