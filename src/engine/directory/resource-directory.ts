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

/** Called when a resource has been created (`before` is undefined), changed, or deleted (`after` is undefined). */
export type DirectoryListener = (before: Resource | undefined, after: Resource | undefined) => void;

/** All resources in memory, indexed by id, name and relation. Follows the changes of the store. */
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

  /** Loads all stored resources and follows their changes from then on. */
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

  /** Applies one change and notifies the listeners. A change that has been applied before is ignored. */
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

  /** Returns the resource with this id if it is of this kind. */
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

  /** Returns all resources of a kind. */
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

  /**
   * Returns the topic with this name, ignoring case. If several groups have one, returns the one that was created
   * first.
   */
  topicByName(name: string): TopicResource | undefined {
    const target = this.publishTargetByName("Microsoft.EventGrid/topics", name);
    return target && this.topic(target.id);
  }

  /** Returns the resource with this id if events can be published to it. */
  publishTarget(id: string): PublishTarget | undefined {
    const resource = this.get(id)?.resource;
    return resource !== undefined && isPublishTarget(resource) ? resource : undefined;
  }

  /**
   * Returns the resource with this name that events can be published to, ignoring case. If several groups have one,
   * returns the one that was created first.
   */
  publishTargetByName(type: PublishTargetType, name: string): PublishTarget | undefined {
    const id = this.#relations.first("name", nameKey(type, name));
    return id === undefined ? undefined : this.publishTarget(id);
  }

  /** Returns the resources of a kind that have this name, ignoring case, in all groups and regions. */
  namedResources<Type extends ResourceType>(type: Type, name: string): readonly ResourceOf<Type>[] {
    return this.#related(type, "name", nameKey(type, name));
  }

  /** Returns the number of resources of the same kind in the same Azure subscription and region. */
  countInRegion(target: Regional): number {
    return this.#relations.count("region", regionKey(target));
  }

  /** Returns the child resources: the topics of a domain, or the channels of a partner namespace. */
  childrenOf(id: string): readonly Resource[] {
    return this.#relations.all("parent", resourceKey(id)).flatMap((child) => this.get(child)?.resource ?? []);
  }

  childCountOf(id: string): number {
    return this.#relations.count("parent", resourceKey(id));
  }

  /** Returns the system topic that carries the events of a resource. */
  systemTopicOf(sourceId: string): SystemTopicResource | undefined {
    return this.systemTopicsOf(sourceId)[0];
  }

  /**
   * Returns all system topics of a resource. There are several for the topic types of an Azure subscription, and while
   * one topic replaces another.
   */
  systemTopicsOf(sourceId: string): readonly SystemTopicResource[] {
    return this.#related("Microsoft.EventGrid/systemTopics", "source", resourceKey(sourceId));
  }

  /** Returns the role assignments on exactly this scope; `/` is the tenant. */
  roleAssignmentsAt(scope: string): readonly RoleAssignmentResource[] {
    return this.#related("Microsoft.Authorization/roleAssignments", "scope", resourceKey(scope));
  }

  /** Returns the channel of a partner namespace for events with this `source`. */
  channelBySource(namespaceId: string, source: string): ChannelResource | undefined {
    const id = this.#relations.first("channelSource", channelSourceKey(namespaceId, source));
    return id === undefined ? undefined : this.find("Microsoft.EventGrid/partnerNamespaces/channels", id);
  }

  /** Returns the channel whose partner topic has this id. */
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

  /** Returns the subscribers of a source. Those of a domain do not include the subscribers of its topics. */
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
