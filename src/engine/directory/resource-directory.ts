import { resourceKey } from "../../core/resources/resource-id.ts";
import type {
  ChannelResource,
  EventSubscriptionResource,
  PublishTarget,
  Resource,
  RoleAssignmentResource,
  SystemTopicResource,
  TopicResource,
} from "../../core/resources/resources.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import type { ResourceChange, ResourceStore, StoredResource } from "../../ports/resource-store.ts";
import { GroupContents } from "./group-contents.ts";
import { isPublishTarget, ResourceRelations, type PublishTargetType, type Regional } from "./resource-relations.ts";
import { subscriberOf } from "./subscriber-of.ts";

/** Hears of a resource that appeared, changed or went (`undefined`). */
export type DirectoryListener = (before: Resource | undefined, after: Resource | undefined) => void;

/** All resources in memory, fed by the store's changes and indexed by id, name and relation. */
export class ResourceDirectory {
  readonly #store: ResourceStore;
  readonly #resources = new Map<string, StoredResource>();
  readonly #relations = new ResourceRelations();
  readonly #groups = new GroupContents();
  readonly #subscribersByUid = new Map<string, Subscriber>();
  readonly #subscribersBySource = new Map<string, Map<string, Subscriber>>();
  readonly #listeners = new Set<DirectoryListener>();
  #unwatch: (() => void) | undefined;

  constructor(store: ResourceStore) {
    this.#store = store;
  }

  /** Loads what is stored and follows it from then on. */
  async start(): Promise<void> {
    this.#unwatch = this.#store.watch((change) => this.apply(change));
    for (const stored of await this.#store.list()) this.apply({ id: stored.resource.id, after: stored });
  }

  stop(): void {
    this.#unwatch?.();
  }

  onChange(listener: DirectoryListener): void {
    this.#listeners.add(listener);
  }

  /** Takes over one change; one that is known already changes nothing. */
  apply(change: ResourceChange): void {
    const key = resourceKey(change.id);
    const before = this.#resources.get(key);
    if (before?.etag === change.after?.etag) return;
    if (before !== undefined) this.#remove(key, before.resource);
    if (change.after !== undefined) this.#insert(key, change.after);
    for (const listener of this.#listeners) listener(before?.resource, change.after?.resource);
  }

  get(id: string): StoredResource | undefined {
    return this.#resources.get(resourceKey(id));
  }

  /** Number of resources of all kinds. */
  get size(): number {
    return this.#resources.size;
  }

  /** Returns whether anything lies in a resource group: resources, or event subscriptions to resources in it. */
  isGroupUsed(groupId: string): boolean {
    return this.#groups.has(groupId);
  }

  all(): IterableIterator<StoredResource> {
    return this.#resources.values();
  }

  topic(id: string): TopicResource | undefined {
    const resource = this.get(id)?.resource;
    return resource?.type === "Microsoft.EventGrid/topics" ? resource : undefined;
  }

  /** The topic of this name; of several in different groups, the first made. Case does not matter. */
  topicByName(name: string): TopicResource | undefined {
    const target = this.publishTargetByName("Microsoft.EventGrid/topics", name);
    return target?.type === "Microsoft.EventGrid/topics" ? target : undefined;
  }

  /** What is published to under this id. */
  publishTarget(id: string): PublishTarget | undefined {
    const resource = this.get(id)?.resource;
    return resource !== undefined && isPublishTarget(resource) ? resource : undefined;
  }

  /** What is published to under this name; of several in different groups, the first made. Case does not matter. */
  publishTargetByName(type: PublishTargetType, name: string): PublishTarget | undefined {
    const id = this.#relations.publishTargetId(type, name);
    return id === undefined ? undefined : this.publishTarget(id);
  }

  /** Everything of this kind that has this name, in whatever group and region. Case does not matter. */
  publishTargetsByName(type: PublishTargetType, name: string): readonly PublishTarget[] {
    return this.#relations.publishTargetIds(type, name).flatMap((id) => this.publishTarget(id) ?? []);
  }

  /** Returns how many of the same kind there are in the same Azure subscription and region. */
  countInRegion(target: Regional): number {
    return this.#relations.countInRegion(target);
  }

  /** The topics of a domain, or the channels of a partner namespace. */
  childrenOf(id: string): readonly Resource[] {
    return this.#relations.childrenOf(id).flatMap((child) => this.get(child)?.resource ?? []);
  }

  childCountOf(id: string): number {
    return this.#relations.childCountOf(id);
  }

  /** The system topic that carries the events of a resource. */
  systemTopicOf(sourceId: string): SystemTopicResource | undefined {
    return this.systemTopicsOf(sourceId)[0];
  }

  /** All of them: two, for as long as one is about to take the other's place. */
  systemTopicsOf(sourceId: string): readonly SystemTopicResource[] {
    return this.#relations.systemTopicIds(sourceId).flatMap((id) => {
      const resource = this.get(id)?.resource;
      return resource?.type === "Microsoft.EventGrid/systemTopics" ? [resource] : [];
    });
  }

  /** The roles that are assigned on exactly this id; `/` for the tenant. */
  roleAssignmentsAt(scope: string): readonly RoleAssignmentResource[] {
    return this.#relations.roleAssignmentIds(scope).flatMap((id) => {
      const resource = this.get(id)?.resource;
      return resource?.type === "Microsoft.Authorization/roleAssignments" ? [resource] : [];
    });
  }

  /** The channel of a partner namespace that events of this `source` go through. */
  channelBySource(namespaceId: string, source: string): ChannelResource | undefined {
    const id = this.#relations.channelId(namespaceId, source);
    const resource = id === undefined ? undefined : this.get(id)?.resource;
    return resource?.type === "Microsoft.EventGrid/partnerNamespaces/channels" ? resource : undefined;
  }

  subscriberByUid(uid: string): Subscriber | undefined {
    return this.#subscribersByUid.get(uid);
  }

  /** Returns the subscribers to a source; of a domain, without those to its topics. */
  subscribersOf(sourceId: string): readonly Subscriber[] {
    return [...(this.#subscribersBySource.get(resourceKey(sourceId))?.values() ?? [])];
  }

  subscriptionByUid(uid: string): EventSubscriptionResource | undefined {
    const subscriber = this.#subscribersByUid.get(uid);
    return subscriber && this.#subscription(subscriber);
  }

  subscriptionsOf(sourceId: string): readonly EventSubscriptionResource[] {
    return this.subscribersOf(sourceId).flatMap((subscriber) => this.#subscription(subscriber) ?? []);
  }

  subscriptionCountOf(sourceId: string): number {
    return this.#subscribersBySource.get(resourceKey(sourceId))?.size ?? 0;
  }

  #subscription({ id }: Subscriber): EventSubscriptionResource | undefined {
    const resource = this.get(id)?.resource;
    return resource?.type === "Microsoft.EventGrid/eventSubscriptions" ? resource : undefined;
  }

  #insert(key: string, stored: StoredResource): void {
    const { resource } = stored;
    this.#resources.set(key, stored);
    this.#groups.add(resource.id);
    if (resource.type !== "Microsoft.EventGrid/eventSubscriptions") {
      this.#relations.insert(resource);
      return;
    }
    const subscriber = subscriberOf(resource);
    this.#subscribersByUid.set(subscriber.uid, subscriber);
    const source = resourceKey(subscriber.source);
    const siblings = this.#subscribersBySource.get(source) ?? new Map<string, Subscriber>();
    siblings.set(key, subscriber);
    this.#subscribersBySource.set(source, siblings);
  }

  #remove(key: string, resource: Resource): void {
    this.#resources.delete(key);
    this.#groups.remove(resource.id);
    if (resource.type !== "Microsoft.EventGrid/eventSubscriptions") {
      this.#relations.remove(resource);
      return;
    }
    this.#subscribersByUid.delete(resource.uid);
    const source = resourceKey(resource.properties.topic);
    const siblings = this.#subscribersBySource.get(source);
    siblings?.delete(key);
    if (siblings?.size === 0) this.#subscribersBySource.delete(source);
  }
}
