import { deliveryQueueName, type QueueName } from "../../core/delivery.ts";
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
import type { InputSchema, PublishedEvent } from "../../core/event.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import type { EpochMs } from "../../core/time.ts";
import { SILENT_LOGGER, type Logger } from "../../ports/logger.ts";
import type { ResourceChange, ResourceStore, StoredResource } from "../../ports/resource-store.ts";
import { GroupContents } from "./group-contents.ts";
import { isPublishTarget, ResourceRelations, type PublishTargetType, type Regional } from "./resource-relations.ts";
import { subscriberOf } from "./subscriber-of.ts";
import type { MatchingSlice } from "../routing/matching-slice.ts";
import { compileRoutingTable, type Evaluations, type RoutingTable } from "../routing/routing-table.ts";

/** When an event is routed, and how much work may be done at one go. */
export interface Routing {
  readonly now: EpochMs;
  readonly slice: MatchingSlice;
}

/** Where an event goes: a subscription's queue, until the subscription expires. */
interface Route {
  readonly queue: QueueName;
  readonly expiresAt: EpochMs;
}

const NO_ROUTES: readonly Route[] = [];

/** What is published to under a name, if anything. */
interface Named {
  readonly type: PublishTargetType;
  readonly name: string;
  readonly target: PublishTarget | undefined;
}

/** Hears of a resource that appeared, changed or went (`undefined`). */
export type DirectoryListener = (before: Resource | undefined, after: Resource | undefined) => void;

/**
 * All resources in memory, fed by the store's changes, with one routing table per source of events. A table is
 * compiled when the first event after a change needs it, so that many changes at once cost one compilation.
 */
export class ResourceDirectory {
  readonly #store: ResourceStore;
  /** Returns whether events are routed to a subscriber. */
  readonly #routable: (subscriber: Subscriber) => boolean;
  readonly #logger: Logger;
  readonly #resources = new Map<string, StoredResource>();
  readonly #relations = new ResourceRelations();
  readonly #groups = new GroupContents();
  readonly #subscribersByUid = new Map<string, Subscriber>();
  readonly #subscribersBySource = new Map<string, Map<string, Subscriber>>();
  readonly #evaluations = new Map<string, Evaluations>();
  readonly #tables = new Map<string, RoutingTable<Route>>();
  /** The table that was asked for last: a request's events, and mostly the next one's, are all for the same. */
  #latest: { readonly sourceId: string; readonly table: RoutingTable<Route> } | undefined;
  /** What was last looked for by its name: publishers send to the same one over and over. */
  #latestNamed: Named | undefined;
  readonly #listeners = new Set<DirectoryListener>();
  #unwatch: (() => void) | undefined;

  constructor(store: ResourceStore, routable: (subscriber: Subscriber) => boolean, logger: Logger = SILENT_LOGGER) {
    this.#store = store;
    this.#routable = routable;
    this.#logger = logger;
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
    this.#latest = undefined;
    this.#latestNamed = undefined;
    if (before !== undefined) this.#remove(key, before.resource);
    if (change.after !== undefined) this.#insert(key, change.after);
    const uid = before?.resource.uid;
    if (uid !== undefined && uid !== change.after?.resource.uid) this.#evaluations.delete(uid);
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
    const latest = this.#latestNamed;
    if (latest?.name === name && latest.type === type) return latest.target;
    const id = this.#relations.publishTargetId(type, name);
    const target = id === undefined ? undefined : this.publishTarget(id);
    this.#latestNamed = { type, name, target };
    return target;
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

  /**
   * Returns the queues an event goes to, or a promise where finding them takes longer than the slice. They belong to
   * the subscriptions of the source it was published to and, where that is a domain, of the event's own topic.
   * Source: [EG-DOMAIN-SCOPE]
   */
  route(
    sourceId: string,
    schema: InputSchema,
    event: PublishedEvent,
    { now, slice }: Routing,
  ): QueueName[] | Promise<QueueName[]> {
    const own = this.#table(sourceId, schema).match(event, slice);
    const { topic } = event.envelope;
    // Publishers choose the names of domain topics: only those that somebody listens to have a table.
    const isOfOther = topic !== sourceId && this.subscriptionCountOf(topic) > 0;
    const others = isOfOther ? this.#table(topic, schema).match(event, slice) : NO_ROUTES;
    if (own instanceof Promise || others instanceof Promise) {
      return Promise.all([own, others]).then(([first, second]) => queuesOf(first, second, now));
    }
    return queuesOf(own, others, now);
  }

  /** How many advanced filters have been looked at for a subscription. */
  filterEvaluations(uid: string): number {
    return this.#evaluations.get(uid)?.count ?? 0;
  }

  #subscription({ id }: Subscriber): EventSubscriptionResource | undefined {
    const resource = this.get(id)?.resource;
    return resource?.type === "Microsoft.EventGrid/eventSubscriptions" ? resource : undefined;
  }

  #evaluationsOf(uid: string): Evaluations {
    const known = this.#evaluations.get(uid) ?? { count: 0 };
    this.#evaluations.set(uid, known);
    return known;
  }

  #table(sourceId: string, schema: InputSchema): RoutingTable<Route> {
    if (this.#latest?.sourceId === sourceId) return this.#latest.table;
    const key = resourceKey(sourceId);
    const table = this.#tables.get(key) ?? this.#compile(key, sourceId, schema);
    this.#latest = { sourceId, table };
    return table;
  }

  #compile(key: string, sourceId: string, schema: InputSchema): RoutingTable<Route> {
    const resource = this.get(sourceId)?.resource;
    // [EG-PARTNER-ACTIVATION]
    const closed =
      resource?.type === "Microsoft.EventGrid/partnerTopics" && resource.properties.activationState !== "Activated";
    const entries = (closed ? [] : this.subscribersOf(sourceId))
      .filter((subscriber) => this.#routable(subscriber))
      .map(({ uid, filter, expiresAt }) => ({
        filter,
        target: { queue: deliveryQueueName(uid), expiresAt },
        ...(filter.advancedFilters !== undefined && { evaluations: this.#evaluationsOf(uid) }),
      }));
    const table = compileRoutingTable(schema, entries);
    for (const { target, problems } of table.broken) {
      // [EG-FILTER-BROKEN] The control plane refuses such filters; an older version may have stored one.
      this.#logger.error("filter_broken", {
        subscription: this.#subscribersByUid.get(target.queue)?.id,
        problems: problems.map(({ field, message }) => `${field}: ${message}`),
      });
    }
    this.#tables.set(key, table);
    return table;
  }

  #insert(key: string, stored: StoredResource): void {
    const { resource } = stored;
    this.#resources.set(key, stored);
    this.#groups.add(resource.id);
    if (resource.type !== "Microsoft.EventGrid/eventSubscriptions") {
      this.#relations.insert(resource);
      this.#tables.delete(key);
      return;
    }
    const subscriber = subscriberOf(resource);
    this.#subscribersByUid.set(subscriber.uid, subscriber);
    const source = resourceKey(subscriber.source);
    const siblings = this.#subscribersBySource.get(source) ?? new Map<string, Subscriber>();
    siblings.set(key, subscriber);
    this.#subscribersBySource.set(source, siblings);
    this.#tables.delete(source);
  }

  #remove(key: string, resource: Resource): void {
    this.#resources.delete(key);
    this.#groups.remove(resource.id);
    if (resource.type !== "Microsoft.EventGrid/eventSubscriptions") {
      this.#relations.remove(resource);
      this.#tables.delete(key);
      return;
    }
    this.#subscribersByUid.delete(resource.uid);
    const source = resourceKey(resource.properties.topic);
    const siblings = this.#subscribersBySource.get(source);
    siblings?.delete(key);
    if (siblings?.size === 0) this.#subscribersBySource.delete(source);
    this.#tables.delete(source);
  }
}

function queuesOf(own: readonly Route[], others: readonly Route[], now: EpochMs): QueueName[] {
  const queues: QueueName[] = [];
  for (const { queue, expiresAt } of own) if (now < expiresAt) queues.push(queue);
  for (const { queue, expiresAt } of others) if (now < expiresAt) queues.push(queue);
  return queues;
}
