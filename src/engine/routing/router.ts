import { deliveryQueueName, ownerOf, type QueueName } from "../../core/delivery.ts";
import type { InputSchema, PublishedEvent } from "../../core/event.ts";
import type { FilterRules } from "../../core/filter/shared-keys.ts";
import { kindOf } from "../../core/kinds/index.ts";
import { resourceKey } from "../../core/resources/resource-id.ts";
import type { Resource } from "../../core/resources/resources.ts";
import type { EpochMs } from "../../core/time.ts";
import type { Logger } from "../../ports/logger.ts";
import type { ResourceDirectory } from "../directory/resource-directory.ts";
import { isOpen, isRoutable } from "./admission.ts";
import { explainSubscriber, type ExplainedSubscriber } from "./explain-subscriber.ts";
import { matchingWork, type MatchingSlice } from "./matching-slice.ts";
import { comparandsIn, compileRoutingTable, type Evaluations, type RoutingTable } from "./routing-table.ts";

/** Time of routing, and the limit on uninterrupted work. */
export interface Routing {
  readonly now: EpochMs;
  readonly slice: MatchingSlice;
}

/** Collaborators of the router. */
export interface RouterDependencies {
  readonly directory: ResourceDirectory;
  readonly logger: Logger;
  /** Whether a webhook receives events only after it has consented. [EG-HANDSHAKE-STATES] */
  readonly enforceHandshake: boolean;
}

/** The queue of a subscriber, and the time at which the subscriber expires. */
interface Route {
  readonly queue: QueueName;
  readonly expiresAt: EpochMs;
}

const NO_ROUTES: readonly Route[] = [];

/**
 * Finds the subscribers that an event matches. The router has one routing table for each source of events. A change of
 * the source or of one of its subscribers discards the table, and the next event compiles a new one, so many changes
 * in a row cost one compilation.
 */
export class Router {
  readonly #dependencies: RouterDependencies;
  readonly #tables = new Map<string, RoutingTable<Route>>();
  /** The latest table used. Most events have the same source as the event before. See docs/hot-path.md. */
  #latest: { readonly sourceId: string; readonly table: RoutingTable<Route> } | undefined;
  /** Numbers of filter evaluations, by the uid of the subscriber. */
  readonly #evaluations = new Map<string, Evaluations>();

  constructor(dependencies: RouterDependencies) {
    this.#dependencies = dependencies;
    dependencies.directory.onChange((before, after) => this.#follow(before, after));
  }

  /**
   * Returns the queues of the subscribers that an event matches, or a promise if finding them takes longer than the
   * slice. Looks at the subscribers of the source and, if the source contains many topics, at those of the event's own
   * topic. [EG-DOMAIN-SCOPE]
   */
  route(sourceId: string, event: PublishedEvent, { now, slice }: Routing): QueueName[] | Promise<QueueName[]> {
    const { topic, schema } = event.envelope;
    const own = this.#table(sourceId, schema).match(event, slice);
    const others = this.#hasOther(sourceId, topic) ? this.#table(topic, schema).match(event, slice) : NO_ROUTES;
    if (own instanceof Promise || others instanceof Promise) {
      return Promise.all([own, others]).then(([first, second]) => queuesOf(first, second, now));
    }
    return queuesOf(own, others, now);
  }

  /**
   * Resolves with every subscriber that `route` would consider, whether the event goes to it, and the result of each
   * condition with the value that was found. Evaluates the subscribers one by one, without the index of `route`.
   * Pauses when the slice is over, and counts no filter evaluations.
   */
  async explain(
    sourceId: string,
    event: PublishedEvent,
    { now, slice }: Routing,
  ): Promise<readonly ExplainedSubscriber[]> {
    const { directory, enforceHandshake } = this.#dependencies;
    const { topic, schema, json } = event.envelope;
    const sources = this.#hasOther(sourceId, topic) ? [sourceId, topic] : [sourceId];
    const explained: ExplainedSubscriber[] = [];
    for (const id of sources) {
      const source = directory.get(id)?.resource;
      for (const subscriber of directory.subscribersOf(id)) {
        if (slice.isOver) await slice.pause();
        slice.spend(matchingWork(comparandsIn(subscriber.filter), json.byteLength));
        explained.push(explainSubscriber(subscriber, { source, event, rules: rulesOf(schema), now, enforceHandshake }));
      }
    }
    return explained;
  }

  /** Returns the number of advanced filters that have been evaluated for a subscriber. */
  filterEvaluations(uid: string): number {
    return this.#evaluations.get(uid)?.count ?? 0;
  }

  /**
   * Returns whether the topic of an event has subscriptions of its own. Publishers choose the names of domain topics,
   * so only topics with subscriptions may get a table.
   */
  #hasOther(sourceId: string, topic: string): boolean {
    return topic !== sourceId && this.#dependencies.directory.subscriptionCountOf(topic) > 0;
  }

  #table(sourceId: string, schema: InputSchema): RoutingTable<Route> {
    if (this.#latest?.sourceId === sourceId) return this.#latest.table;
    const key = resourceKey(sourceId);
    const table = this.#tables.get(key) ?? this.#compile(sourceId, schema);
    this.#tables.set(key, table);
    this.#latest = { sourceId, table };
    return table;
  }

  #compile(sourceId: string, schema: InputSchema): RoutingTable<Route> {
    const { directory, enforceHandshake, logger } = this.#dependencies;
    const subscribers = isOpen(directory.get(sourceId)?.resource) ? directory.subscribersOf(sourceId) : [];
    const entries = subscribers
      .filter((subscriber) => isRoutable(subscriber, enforceHandshake))
      .map(({ uid, filter, expiresAt }) => ({
        filter,
        target: { queue: deliveryQueueName(uid), expiresAt },
        ...(filter.advancedFilters !== undefined && { evaluations: this.#evaluationsOf(uid) }),
      }));
    const table = compileRoutingTable(rulesOf(schema), entries);
    for (const { target, problems } of table.broken) {
      // [EG-FILTER-BROKEN] The control plane refuses such filters, but an older version may have stored one.
      logger.error("filter_broken", {
        subscription: directory.subscriberByUid(ownerOf(target.queue).uid)?.id,
        problems: problems.map(({ field, message }) => `${field}: ${message}`),
      });
    }
    return table;
  }

  #evaluationsOf(uid: string): Evaluations {
    const known = this.#evaluations.get(uid) ?? { count: 0 };
    this.#evaluations.set(uid, known);
    return known;
  }

  #follow(before: Resource | undefined, after: Resource | undefined): void {
    this.#latest = undefined;
    for (const resource of [before, after]) {
      if (resource !== undefined) this.#tables.delete(resourceKey(sourceOf(resource)));
    }
    if (before !== undefined && before.uid !== after?.uid) this.#evaluations.delete(before.uid);
  }
}

/** Returns the id of the source whose routing table depends on a resource. */
function sourceOf(resource: Resource): string {
  return kindOf(resource).listensTo(resource) ?? resource.id;
}

/** Returns the rules for filters of a source. All topics belong to the basic tier. */
function rulesOf(schema: InputSchema): FilterRules {
  return { schema, tier: "basic" };
}

function queuesOf(own: readonly Route[], others: readonly Route[], now: EpochMs): QueueName[] {
  const queues: QueueName[] = [];
  for (const { queue, expiresAt } of own) if (now < expiresAt) queues.push(queue);
  for (const { queue, expiresAt } of others) if (now < expiresAt) queues.push(queue);
  return queues;
}
