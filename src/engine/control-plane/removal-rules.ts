import { RingmainError } from "../../core/errors.ts";
import { resourceKey } from "../../core/resources/resource-id.ts";
import type { DesiredResource, Resource } from "../../core/resources/resources.ts";
import type { ResourceDirectory } from "../directory/resource-directory.ts";

/** Kinds in the order in which they can be made; what is left out comes with the first. */
const RANKS: Readonly<Partial<Record<Resource["type"], number>>> = {
  "Microsoft.EventGrid/partnerNamespaces": 1,
  "Microsoft.EventGrid/domains/topics": 2,
  "Microsoft.EventGrid/partnerNamespaces/channels": 2,
  "Microsoft.EventGrid/partnerTopics": 3,
  "Microsoft.EventGrid/eventSubscriptions": 4,
};

/** Where a resource stands among those it depends on: they are made before it, and deleted after it. */
export function dependencyRank({ type }: Pick<DesiredResource, "type">): number {
  return RANKS[type] ?? 0;
}

/** Sorts resources so that each can be deleted when its turn comes. */
export function dependentsFirst(one: Pick<Resource, "type">, other: Pick<Resource, "type">): number {
  return dependencyRank(other) - dependencyRank(one);
}

/** Throws `conflict` for a resource that cannot be deleted while others need it. [EG-PARTNER-DELETE] */
export function checkRemoval(directory: ResourceDirectory, resource: Resource): void {
  if (resource.type === "Microsoft.EventGrid/partnerNamespaces") {
    const channels = directory.childCountOf(resource.id);
    if (channels === 0) return;
    throw new RingmainError(
      "conflict",
      `Partner namespace '${resource.name}' cannot be deleted while it has channels: there are ${channels}.`,
    );
  }
  if (resource.type !== "Microsoft.EventGrid/partnerRegistrations") return;
  const key = resourceKey(resource.id);
  for (const { resource: other } of directory.all()) {
    if (other.type !== "Microsoft.EventGrid/partnerNamespaces") continue;
    if (resourceKey(other.properties.partnerRegistrationFullyQualifiedId) !== key) continue;
    throw new RingmainError(
      "conflict",
      `Partner registration '${resource.name}' cannot be deleted while partner namespace '${other.name}' belongs to it.`,
    );
  }
}
