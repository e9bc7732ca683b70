import { RingmainError } from "../core/errors.ts";
import type { PublishedEvent } from "../core/event.ts";
import type { Clock } from "../ports/clock.ts";
import type { DeliveryQueue, EnqueueItem } from "../ports/delivery-queue.ts";
import type { Observers } from "./observers.ts";
import type { ResourceDirectory } from "./resource-directory.ts";

export interface PublishDependencies {
  readonly directory: ResourceDirectory;
  readonly queue: DeliveryQueue;
  readonly clock: Clock;
  readonly observers: Observers;
  /** While the queues hold so many deliveries or more, publishers are told to come back. Unset: no limit. */
  readonly maxWaitingDeliveries?: number;
}

/** Publishes decoded events of one source: a custom topic, or the resource of a system topic. */
export type Publish = (sourceId: string, events: readonly PublishedEvent[]) => Promise<void>;

/**
 * Publishing: match, then enqueue into all matching queues in one durable step. Resolves when every delivery is
 * durable; an event that no subscription matches is counted and let go. Rejects with `store_unavailable`, or with
 * `store_full` before anything is stored; then the publisher must not be told that its events were taken.
 */
export function createPublish(deps: PublishDependencies): Publish {
  const { directory, queue, clock, observers } = deps;
  const limit = deps.maxWaitingDeliveries ?? Number.POSITIVE_INFINITY;
  /** Deliveries on their way into the store. */
  let arriving = 0;
  return async (sourceId, events) => {
    const now = clock.now();
    const items: EnqueueItem[] = [];
    let deliveries = 0;
    for (const event of events) {
      const to = directory.route(sourceId, event.envelope.schema, event, now);
      deliveries += to.length;
      if (to.length > 0) items.push({ event: event.envelope, to });
    }
    // Counted now: while the store writes, the parsed events are not held on to.
    const to = items.map((item) => item.to);
    const counts = { events: events.length, deliveries, unmatched: events.length - items.length, to };
    if (items.length > 0) {
      checkRoom((queue.size?.() ?? 0) + arriving, limit);
      arriving += deliveries;
      try {
        await enqueue(queue, items, now);
      } finally {
        arriving -= deliveries;
      }
    }
    observers.tell({ kind: "published", at: now, topic: sourceId, ...counts, durationMs: clock.now() - now });
  };
}

function checkRoom(held: number, limit: number): void {
  if (held < limit) return;
  throw new RingmainError(
    "store_full",
    `${held} deliveries wait, and server.maxWaitingDeliveries allows ${limit}. Publish the events again later.`,
  );
}

async function enqueue(queue: DeliveryQueue, items: readonly EnqueueItem[], now: number): Promise<void> {
  try {
    await queue.enqueue(items, now);
  } catch (thrown) {
    if (thrown instanceof RingmainError) throw thrown;
    throw new RingmainError("store_unavailable", "The events could not be stored. Publish them again.", {
      cause: thrown,
    });
  }
}
