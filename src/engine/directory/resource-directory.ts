import { isPublishTarget, type PublishTargetType } from "../../core/kinds/index.ts";
import type { Relation } from "../../core/kinds/kind.ts";
import { channelSourceKey, nameKey, regionKey, type Regional } from "../../core/kinds/places.ts";
import { resourceKey } from "../../core/resources/resource-id.ts";
import type {
  ChannelResource,
  EventSubscriptionResource,
  PartnerNamespaceResource,
  PublishTarget,
  Resource,
  ResourceOf,
  ResourceType,
  RoleAssignmentResource,
  SystemTopicResource,
  TopicResource,
} from "../../core/resources/resources.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import type { ResourceChange, ResourceStore, StoredResource } from "../../ports/resource-store.ts";
import { ResourceRelations } from "./resource-relations.ts";
import { ResourceTree } from "./resource-tree.ts";
import { subscriberOf } from "./subscriber-of.ts";

/** Hears of a resource that appeared, changed or went (`undefined`). */
export type DirectoryListener = (before: Resource | undefined, after: Resource | undefined) => void;

/** All resources in memory, fed by the store's changes and indexed by id, name and relation. */
export class ResourceDirectory {
  readonly #store: ResourceStore;
  readonly #resources = new Map<string, StoredResource>();
  readonly #relations = new ResourceRelations();
  readonly #tree = new ResourceTree();
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

  /** Returns the resource of an id if it is of this kind. */
  find<Type extends ResourceType>(type: Type, id: string): ResourceOf<Type> | undefined {
    const resource = this.get(id)?.resource;
    return resource?.type === type ? (resource as ResourceOf<Type>) : undefined;
  }

  /** Number of resources of all kinds. */
  get size(): number {
    return this.#resources.size;
  }

  all(): IterableIterator<StoredResource> {
    return this.#resources.values();
  }

  /** Returns the resources of a kind, wherever they are. */
  ofKind<Type extends ResourceType>(type: Type): ResourceOf<Type>[] {
    return this.#tree.ofKind(type);
  }

  /** Returns the resources of one kind, or of all, below an Azure subscription or a resource group. */
  below<Type extends ResourceType = ResourceType>(scopeId: string, type?: Type): ResourceOf<Type>[] {
    return this.#tree.below(scopeId, type);
  }

  /** Returns whether a resource group has any resources. */
  hasBelow(groupId: string): boolean {
    return this.#tree.hasBelow(groupId);
  }

  /** Returns the names of the groups of an Azure subscription that have resources. */
  groupsOf(subscriptionId: string): string[] {
    return this.#tree.groupsOf(subscriptionId);
  }

  /** Returns the ids of the Azure subscriptions that have resources, in lower case. */
  subscriptionIds(): string[] {
    return this.#tree.subscriptionIds();
  }

  topic(id: string): TopicResource | undefined {
    return this.find("Microsoft.EventGrid/topics", id);
  }

  /** The topic of this name; of several in different groups, the first made. Case does not matter. */
  topicByName(name: string): TopicResource | undefined {
    const target = this.publishTargetByName("Microsoft.EventGrid/topics", name);
    return target && this.topic(target.id);
  }

  /** What is published to under this id. */
  publishTarget(id: string): PublishTarget | undefined {
    const resource = this.get(id)?.resource;
    return resource !== undefined && isPublishTarget(resource) ? resource : undefined;
  }

  /** What is published to under this name; of several in different groups, the first made. Case does not matter. */
  publishTargetByName(type: PublishTargetType, name: string): PublishTarget | undefined {
    const id = this.#relations.first("name", nameKey(type, name));
    return id === undefined ? undefined : this.publishTarget(id);
  }

  /** Returns the resources of a kind that have this name, in whatever group and region. Case does not matter. */
  namedResources<Type extends ResourceType>(type: Type, name: string): readonly ResourceOf<Type>[] {
    return this.#related(type, "name", nameKey(type, name));
  }

  /** Returns how many of the same kind there are in the same Azure subscription and region. */
  countInRegion(target: Regional): number {
    return this.#relations.count("region", regionKey(target));
  }

  /** The topics of a domain, or the channels of a partner namespace. */
  childrenOf(id: string): readonly Resource[] {
    return this.#relations.all("parent", resourceKey(id)).flatMap((child) => this.get(child)?.resource ?? []);
  }

  childCountOf(id: string): number {
    return this.#relations.count("parent", resourceKey(id));
  }

  /** The system topic that carries the events of a resource. */
  systemTopicOf(sourceId: string): SystemTopicResource | undefined {
    return this.systemTopicsOf(sourceId)[0];
  }

  /** All of them: two, for as long as one is about to take the other's place. */
  systemTopicsOf(sourceId: string): readonly SystemTopicResource[] {
    return this.#related("Microsoft.EventGrid/systemTopics", "source", resourceKey(sourceId));
  }

  /** The roles that are assigned on exactly this id; `/` for the tenant. */
  roleAssignmentsAt(scope: string): readonly RoleAssignmentResource[] {
    return this.#related("Microsoft.Authorization/roleAssignments", "scope", resourceKey(scope));
  }

  /** The channel of a partner namespace that events of this `source` go through. */
  channelBySource(namespaceId: string, source: string): ChannelResource | undefined {
    const id = this.#relations.first("channelSource", channelSourceKey(namespaceId, source));
    return id === undefined ? undefined : this.find("Microsoft.EventGrid/partnerNamespaces/channels", id);
  }

  /** Returns the channel that leads to a partner topic. */
  channelTo(partnerTopicId: string): ChannelResource | undefined {
    const type = "Microsoft.EventGrid/partnerNamespaces/channels";
    return this.#related(type, "partnerTopic", resourceKey(partnerTopicId))[0];
  }

  /** Returns the partner namespaces that belong to a registration. */
  namespacesOf(registrationId: string): readonly PartnerNamespaceResource[] {
    return this.#related("Microsoft.EventGrid/partnerNamespaces", "registration", resourceKey(registrationId));
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

  #related<Type extends ResourceType>(type: Type, relation: Relation, key: string): readonly ResourceOf<Type>[] {
    return this.#relations.all(relation, key).flatMap((id) => this.find(type, id) ?? []);
  }

  #subscription({ id }: Subscriber): EventSubscriptionResource | undefined {
    return this.find("Microsoft.EventGrid/eventSubscriptions", id);
  }

  #insert(key: string, stored: StoredResource): void {
    const { resource } = stored;
    this.#resources.set(key, stored);
    this.#tree.insert(resource);
    this.#relations.insert(resource);
    if (resource.type !== "Microsoft.EventGrid/eventSubscriptions") return;
    const subscriber = subscriberOf(resource);
    this.#subscribersByUid.set(subscriber.uid, subscriber);
    const source = resourceKey(subscriber.source);
    const siblings = this.#subscribersBySource.get(source) ?? new Map<string, Subscriber>();
    siblings.set(key, subscriber);
    this.#subscribersBySource.set(source, siblings);
  }

  #remove(key: string, resource: Resource): void {
    this.#resources.delete(key);
    this.#tree.remove(resource);
    this.#relations.remove(resource);
    if (resource.type !== "Microsoft.EventGrid/eventSubscriptions") return;
    this.#subscribersByUid.delete(resource.uid);
    const source = resourceKey(resource.properties.topic);
    const siblings = this.#subscribersBySource.get(source);
    siblings?.delete(key);
    if (siblings?.size === 0) this.#subscribersBySource.delete(source);
  }
}
