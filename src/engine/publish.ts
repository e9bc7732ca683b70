import { RingmainError, toError } from "../core/errors.ts";
import type { QueueName } from "../core/delivery.ts";
import type { PublishedEvent } from "../core/event.ts";
import type { EpochMs } from "../core/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { DeliveryQueue, EnqueueItem } from "../ports/delivery-queue.ts";
import type { EngineEvent } from "../ports/engine-events.ts";
import type { Observers } from "./observers.ts";
import { shareLatestList } from "./share-latest-list.ts";
import { MatchingSlice } from "./routing/matching-slice.ts";
import type { Router, Routing } from "./routing/router.ts";

/** Collaborators of {@link createPublish}. */
export interface PublishDependencies {
  readonly router: Router;
  readonly queue: DeliveryQueue;
  readonly clock: Clock;
  readonly observers: Observers;
  /** Number of waiting deliveries at which publish requests are refused with `store_full`; unset for no limit. */
  readonly maxWaitingDeliveries?: number;
}

/** Publishes decoded events of one source: a custom topic, or the resource of a system topic. */
export type Publish = (sourceId: string, events: readonly PublishedEvent[]) => Promise<void>;

/**
 * Returns a function that finds the matching subscriptions and stores the events in all their queues in one durable
 * step. It resolves when every delivery is durable. An event that no subscription matches is counted and dropped. It
 * rejects with `store_unavailable`, or with `store_full` before anything is stored; the publisher must then not
 * receive a success response.
 */
export function createPublish(dependencies: PublishDependencies): Publish {
  const { router, queue, clock, observers } = dependencies;
  const limit = dependencies.maxWaitingDeliveries ?? Number.POSITIVE_INFINITY;
  /** Number of deliveries that are being stored. */
  let arriving = 0;
  const share = shareLatestList<QueueName>();
  const store = (
    events: readonly PublishedEvent[],
    routed: readonly (readonly QueueName[])[],
    now: EpochMs,
  ): Storing => {
    const items: EnqueueItem[] = [];
    let deliveries = 0;
    for (const [index, event] of events.entries()) {
      const to = share(routed[index] ?? []);
      deliveries += to.length;
      if (to.length > 0) items.push({ event: event.envelope, to });
    }
    const to = items.map((item) => item.to);
    const counts = { events: events.length, deliveries, unmatched: events.length - items.length, to };
    if (items.length === 0) return { counts, stored: Promise.resolve() };
    checkRoom((queue.size?.() ?? 0) + arriving, limit);
    return { counts, stored: queue.enqueue(items, now) };
  };
  const settle = (sourceId: string, { counts, stored }: Storing, now: EpochMs): Promise<void> => {
    arriving += counts.deliveries;
    const succeeded = (): void => {
      arriving -= counts.deliveries;
      observers.notify({ kind: "published", at: now, topic: sourceId, ...counts, durationMs: clock.now() - now });
    };
    const failed = (thrown: unknown): never => {
      arriving -= counts.deliveries;
      throw storeError(thrown);
    };
    return stored.then(succeeded, failed);
  };
  return (sourceId, events) => {
    const now = clock.now();
    // Not an async function: that would keep every parsed event in memory until the store has written it.
    try {
      const routed = routeEvents(router, sourceId, events, now);
      if (routed instanceof Promise) return routed.then((lists) => settle(sourceId, store(events, lists, now), now));
      return settle(sourceId, store(events, routed, now), now);
    } catch (thrown) {
      return Promise.reject(toError(thrown));
    }
  };
}

/**
 * Returns the queues of each event, or a promise if matching takes so long that other requests must have their turn.
 */
function routeEvents(
  router: Router,
  sourceId: string,
  events: readonly PublishedEvent[],
  now: EpochMs,
): readonly QueueName[][] | Promise<readonly QueueName[][]> {
  const routing = { now, slice: new MatchingSlice() };
  const routed: QueueName[][] = [];
  for (const event of events) {
    const queues = router.route(sourceId, event, routing);
    if (queues instanceof Promise) return routeRest({ router, sourceId, events, routing, routed }, queues);
    routed.push(queues);
  }
  return routed;
}

/** The events of one request, some of which have been routed. */
interface PartlyRouted {
  readonly router: Router;
  readonly sourceId: string;
  readonly events: readonly PublishedEvent[];
  readonly routing: Routing;
  readonly routed: QueueName[][];
}

async function routeRest(
  { router, sourceId, events, routing, routed }: PartlyRouted,
  next: Promise<QueueName[]>,
): Promise<readonly QueueName[][]> {
  routed.push(await next);
  for (const event of events.slice(routed.length)) {
    routed.push(await router.route(sourceId, event, routing));
  }
  return routed;
}

/** Events that are being stored, and their numbers. */
interface Storing {
  readonly counts: Pick<Extract<EngineEvent, { kind: "published" }>, "events" | "deliveries" | "unmatched" | "to">;
  readonly stored: Promise<void>;
}

function checkRoom(held: number, limit: number): void {
  if (held < limit) return;
  throw new RingmainError(
    "store_full",
    `${held} deliveries are waiting, and 'server.maxWaitingDeliveries' allows ${limit}. Publish the events again later.`,
  );
}

function storeError(thrown: unknown): RingmainError {
  if (thrown instanceof RingmainError) return thrown;
  const message = "The events could not be stored. Publish them again.";
  return new RingmainError("store_unavailable", message, { cause: thrown });
}
