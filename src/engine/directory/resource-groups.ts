import {
  DEFAULT_RESOURCE_GROUP,
  resourceGroupId,
  resourceKey,
  type ResourceScope,
} from "../../core/resources/resource-id.ts";
import type { ResourceDirectory } from "./resource-directory.ts";

/**
 * Returns whether resources can be created in a group. The group of the configuration file exists in every
 * subscription. Another group exists once it has been created, or if it has resources. [ARM-GROUPS]
 */
export function groupExists(directory: ResourceDirectory, scope: ResourceScope): boolean {
  const id = resourceGroupId(scope);
  return (
    resourceKey(scope.resourceGroup) === DEFAULT_RESOURCE_GROUP ||
    directory.get(id) !== undefined ||
    directory.hasBelow(id)
  );
}
