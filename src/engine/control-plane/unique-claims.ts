import { parentId, partnerTopicOf, resourceKey } from "../../core/resources/resource-id.ts";
import type { DesiredResource } from "../../core/resources/resources.ts";

/**
 * The things, beyond its own id, that no other resource may have beside this one. Writes that claim the same thing take
 * turns, so that each is checked against what the others left.
 */
export function uniqueClaims(desired: DesiredResource): readonly string[] {
  const { type } = desired;
  if (type === "Microsoft.EventGrid/systemTopics") return [`source ${resourceKey(desired.properties.source)}`];
  if (type === "Microsoft.Storage/storageAccounts") return [`account ${desired.name}`];
  if (type === "Microsoft.Authorization/roleAssignments") {
    const { scope, principalId, roleDefinitionId } = desired.properties;
    return [`role ${resourceKey(scope)} ${resourceKey(principalId)} ${resourceKey(roleDefinitionId)}`];
  }
  if (type !== "Microsoft.EventGrid/partnerNamespaces/channels") return [];
  const { source } = desired.properties.partnerTopicInfo;
  return [
    `partner topic ${resourceKey(partnerTopicOf(desired.properties))}`,
    `channel ${resourceKey(parentId(desired.id))} ${source}`,
  ];
}
