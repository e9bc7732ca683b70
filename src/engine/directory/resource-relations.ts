import { parentId, resourceKey, scopeOf } from "../../core/resources/resource-id.ts";
import type { EventSubscriptionResource, PublishTarget, Resource } from "../../core/resources/resources.ts";
import { IdSets } from "./id-sets.ts";

export type PublishTargetType = PublishTarget["type"];

/** What a place in a region is counted by. */
export type Regional = Pick<PublishTarget, "id" | "type" | "location">;

type Topical = Exclude<Resource, EventSubscriptionResource>;

/** How resources that are no event subscriptions are found other than by their ids. */
export class ResourceRelations {
  /** What is published to, by kind and name. */
  readonly #named = new IdSets();
  /** What is published to, by kind, Azure subscription and region. */
  readonly #regional = new IdSets();
  readonly #children = new IdSets();
  readonly #systemTopics = new IdSets();
  /** Channels by namespace and source. */
  readonly #channels = new IdSets();

  readonly #assignments = new IdSets();

  insert(resource: Topical): void {
    for (const [sets, key] of this.#placesOf(resource)) sets.add(key, resource.id);
  }

  remove(resource: Topical): void {
    for (const [sets, key] of this.#placesOf(resource)) sets.delete(key, resource.id);
  }

  publishTargetId(type: PublishTargetType, name: string): string | undefined {
    return this.#named.first(nameKey(type, name));
  }

  publishTargetIds(type: PublishTargetType, name: string): readonly string[] {
    return this.#named.all(nameKey(type, name));
  }

  /** Returns how many resources of one kind are published to in an Azure subscription and region. */
  countInRegion(target: Regional): number {
    return this.#regional.count(regionKey(target));
  }

  childrenOf(id: string): readonly string[] {
    return this.#children.all(resourceKey(id));
  }

  childCountOf(id: string): number {
    return this.#children.count(resourceKey(id));
  }

  systemTopicIds(sourceId: string): readonly string[] {
    return this.#systemTopics.all(resourceKey(sourceId));
  }

  roleAssignmentIds(scope: string): readonly string[] {
    return this.#assignments.all(resourceKey(scope));
  }

  channelId(namespaceId: string, source: string): string | undefined {
    return this.#channels.first(channelKey(namespaceId, source));
  }

  #placesOf(resource: Topical): readonly (readonly [sets: IdSets, key: string])[] {
    const { id, name, type } = resource;
    if (isPublishTarget(resource)) {
      return [
        [this.#named, nameKey(resource.type, name)],
        [this.#regional, regionKey(resource)],
      ];
    }
    if (type === "Microsoft.EventGrid/systemTopics") {
      return [[this.#systemTopics, resourceKey(resource.properties.source)]];
    }
    if (type === "Microsoft.Authorization/roleAssignments") {
      return [[this.#assignments, resourceKey(resource.properties.scope)]];
    }
    if (type === "Microsoft.EventGrid/domains/topics") return [[this.#children, resourceKey(parentId(id))]];
    if (type !== "Microsoft.EventGrid/partnerNamespaces/channels") return [];
    return [
      [this.#children, resourceKey(parentId(id))],
      [this.#channels, channelKey(parentId(id), resource.properties.partnerTopicInfo.source)],
    ];
  }
}

/** Whether events are published to a resource, at an address of its own. */
export function isPublishTarget(resource: Resource): resource is PublishTarget {
  return (
    resource.type === "Microsoft.EventGrid/topics" ||
    resource.type === "Microsoft.EventGrid/domains" ||
    resource.type === "Microsoft.EventGrid/partnerNamespaces"
  );
}

function nameKey(type: PublishTargetType, name: string): string {
  return `${type}\n${name.toLowerCase()}`;
}

/** One text for each kind of what is published to, Azure subscription and region. */
export function regionKey({ id, type, location }: Regional): string {
  return `${type}\n${scopeOf(id).subscriptionId.toLowerCase()}\n${location.toLowerCase()}`;
}

/** A source is a publisher's text: its case counts. */
function channelKey(namespaceId: string, source: string): string {
  return `${resourceKey(namespaceId)}\n${source}`;
}
