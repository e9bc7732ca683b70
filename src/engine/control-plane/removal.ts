import { deadLetterQueueName, deliveryQueueName } from "../../core/delivery.ts";
import { partnerTopicOf } from "../../core/resources/resource-id.ts";
import type { EventSubscriptionResource, Resource } from "../../core/resources/resources.ts";
import type { AttachedTopics } from "./attached-topics.ts";
import type { ControlPlaneDependencies } from "./dependencies.ts";
import { contentsOf } from "../directory/resource-groups.ts";
import { subscriberOf } from "../directory/subscriber-of.ts";
import { dropResource } from "./drop-resource.ts";
import { checkRemoval, dependentsFirst } from "./removal-rules.ts";

/** Deletes a resource with all that belongs to it: what it contains first. [EG-DOMAIN-DELETE] */
export function createRemoval(
  deps: ControlPlaneDependencies,
  attached: AttachedTopics,
): (id: string) => Promise<boolean> {
  const { directory, queue } = deps;

  async function remove(id: string): Promise<boolean> {
    const resource = directory.get(id)?.resource;
    if (resource === undefined) return false;
    checkRemoval(directory, resource);
    if (resource.type === "Microsoft.EventGrid/eventSubscriptions") {
      await removeSubscription(resource);
      return true;
    }
    if (resource.type === "Microsoft.Resources/resourceGroups") {
      const contents = contentsOf(directory, id).map((content) => content.resource);
      for (const content of contents.toSorted(dependentsFirst)) await remove(content.id);
    }
    for (const child of directory.childrenOf(id)) await remove(child.id);
    if (resource.type === "Microsoft.EventGrid/partnerNamespaces/channels") {
      await remove(partnerTopicOf(resource.properties));
    }
    if (isOnlyTopicOfItsEvents(resource)) {
      for (const subscription of directory.subscriptionsOf(eventSourceOf(resource))) await remove(subscription.id);
    }
    // [ARM-ROLE-ASSIGNMENT] One of the same name later is nobody's before it is assigned again.
    for (const assignment of directory.roleAssignmentsAt(id)) await remove(assignment.id);
    await dropResource(deps, id);
    return true;
  }

  /** An Azure subscription can have a system topic for each of several topic types. */
  function isOnlyTopicOfItsEvents(resource: Resource): boolean {
    if (resource.type !== "Microsoft.EventGrid/systemTopics") return true;
    return directory.systemTopicsOf(resource.properties.source).length < 2;
  }

  async function removeSubscription(subscription: EventSubscriptionResource): Promise<void> {
    for (const assignment of directory.roleAssignmentsAt(subscription.id)) await remove(assignment.id);
    await dropResource(deps, subscription.id);
    await queue.removeQueue(deliveryQueueName(subscription.uid));
    await queue.removeQueue(deadLetterQueueName(subscription.uid));
    deps.onSubscriberRemoved?.(subscriberOf(subscription));
    await attached.releaseTopicOf(subscription);
  }

  return remove;
}

/** The id that events of this topic are routed by. */
function eventSourceOf(resource: Exclude<Resource, EventSubscriptionResource>): string {
  return resource.type === "Microsoft.EventGrid/systemTopics" ? resource.properties.source : resource.id;
}
