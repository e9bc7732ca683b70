import { deliveryQueueName, type QueueName } from "../core/delivery.ts";
import { resourceKey } from "../core/resource-id.ts";
import type { EventSubscriptionResource, Resource, TopicResource } from "../core/resources.ts";
import type { InputSchema, PublishedEvent } from "../core/event.ts";
import { parseTime, type EpochMs } from "../core/time.ts";
import type { ResourceChange, ResourceStore, StoredResource } from "../ports/resource-store.ts";
import { compileRoutingTable, type Evaluations, type RoutingTable } from "./routing-table.ts";

/** Where an event goes: a subscription's queue, until the subscription expires. */
interface Route {
  readonly queue: QueueName;
  readonly expiresAt: EpochMs;
}

/** Hears of a resource that appeared, changed or went (`undefined`). */
export type DirectoryListener = (before: Resource | undefined, after: Resource | undefined) => void;

/**
 * All resources in memory, fed by the store's changes, with one routing table per source of events. A table is
 * compiled when the first event after a change needs it, so that many changes at once cost one compilation.
 */
export class ResourceDirectory {
  readonly #store: ResourceStore;
  /** Whether a subscription takes part in routing. */
  readonly #routable: (subscription: EventSubscriptionResource) => boolean;
  readonly #resources = new Map<string, StoredResource>();
  readonly #topicIdsByName = new Map<string, string>();
  readonly #subscriptionsByUid = new Map<string, EventSubscriptionResource>();
  readonly #subscriptionsBySource = new Map<string, Map<string, EventSubscriptionResource>>();
  readonly #evaluations = new Map<string, Evaluations>();
  readonly #tables = new Map<string, RoutingTable<Route>>();
  readonly #listeners = new Set<DirectoryListener>();
  #unwatch: (() => void) | undefined;

  constructor(store: ResourceStore, routable: (subscription: EventSubscriptionResource) => boolean) {
    this.#store = store;
    this.#routable = routable;
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
    const uid = before?.resource.uid;
    if (uid !== undefined && uid !== change.after?.resource.uid) this.#evaluations.delete(uid);
    for (const listener of this.#listeners) listener(before?.resource, change.after?.resource);
  }

  get(id: string): StoredResource | undefined {
    return this.#resources.get(resourceKey(id));
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
    const id = this.#topicIdsByName.get(name.toLowerCase());
    return id === undefined ? undefined : this.topic(id);
  }

  subscriptionByUid(uid: string): EventSubscriptionResource | undefined {
    return this.#subscriptionsByUid.get(uid);
  }

  subscriptionsOf(sourceId: string): readonly EventSubscriptionResource[] {
    return [...(this.#subscriptionsBySource.get(resourceKey(sourceId))?.values() ?? [])];
  }

  subscriptionCountOf(sourceId: string): number {
    return this.#subscriptionsBySource.get(resourceKey(sourceId))?.size ?? 0;
  }

  /** The queues an event goes to. */
  route(sourceId: string, schema: InputSchema, event: PublishedEvent, now: EpochMs): QueueName[] {
    const queues: QueueName[] = [];
    for (const route of this.#table(sourceId, schema).match(event)) {
      if (now < route.expiresAt) queues.push(route.queue);
    }
    return queues;
  }

  /** How many advanced filters have been looked at for a subscription. */
  filterEvaluations(uid: string): number {
    return this.#evaluations.get(uid)?.count ?? 0;
  }

  #evaluationsOf(uid: string): Evaluations {
    const known = this.#evaluations.get(uid) ?? { count: 0 };
    this.#evaluations.set(uid, known);
    return known;
  }

  #table(sourceId: string, schema: InputSchema): RoutingTable<Route> {
    const key = resourceKey(sourceId);
    const known = this.#tables.get(key);
    if (known !== undefined) return known;
    const entries = this.subscriptionsOf(sourceId)
      .filter((subscription) => this.#routable(subscription))
      .map(({ uid, properties }) => ({
        filter: properties.filter,
        target: { queue: deliveryQueueName(uid), expiresAt: expiry(properties.expirationTimeUtc) },
        ...(properties.filter.advancedFilters !== undefined && { evaluations: this.#evaluationsOf(uid) }),
      }));
    const table = compileRoutingTable(schema, entries);
    this.#tables.set(key, table);
    return table;
  }

  #insert(key: string, stored: StoredResource): void {
    const { resource } = stored;
    this.#resources.set(key, stored);
    if (resource.type === "Microsoft.EventGrid/topics") {
      const name = resource.name.toLowerCase();
      if (!this.#topicIdsByName.has(name)) this.#topicIdsByName.set(name, resource.id);
      this.#tables.delete(key);
    }
    if (resource.type !== "Microsoft.EventGrid/eventSubscriptions") return;
    this.#subscriptionsByUid.set(resource.uid, resource);
    const source = resourceKey(resource.properties.topic);
    const siblings = this.#subscriptionsBySource.get(source) ?? new Map<string, EventSubscriptionResource>();
    siblings.set(key, resource);
    this.#subscriptionsBySource.set(source, siblings);
    this.#tables.delete(source);
  }

  #remove(key: string, resource: Resource): void {
    this.#resources.delete(key);
    if (resource.type === "Microsoft.EventGrid/topics") {
      const name = resource.name.toLowerCase();
      if (this.#topicIdsByName.get(name) === resource.id) this.#topicIdsByName.delete(name);
      this.#tables.delete(key);
    }
    if (resource.type !== "Microsoft.EventGrid/eventSubscriptions") return;
    this.#subscriptionsByUid.delete(resource.uid);
    const source = resourceKey(resource.properties.topic);
    this.#subscriptionsBySource.get(source)?.delete(key);
    this.#tables.delete(source);
  }
}

function expiry(expirationTimeUtc: string | undefined): EpochMs {
  const at = expirationTimeUtc === undefined ? undefined : parseTime(expirationTimeUtc);
  return at ?? Number.POSITIVE_INFINITY;
}
