import type { LockedDelivery, QueueName } from "../../core/delivery.ts";
import type { EpochMs } from "../../core/time.ts";
import type { BatchHandler } from "./batch-handler.ts";

/** A batch whose attempt is in progress. */
interface ActiveBatch {
  readonly receivedAt: EpochMs;
  /** Earliest arrival among the deliveries that had not been attempted before; `Infinity` if there are none. */
  readonly oldestNewAt: EpochMs;
}

/** A caller that waits until every delivery that arrived up to `at` has been attempted. */
interface Waiter {
  readonly at: EpochMs;
  readonly done: () => void;
  /** Whether a look that began after the wait found no delivery that arrived up to `at`. */
  seen: boolean;
}

/**
 * The dispatcher's state of one queue. A look is one receive from the queue.
 *
 * A lane is in one of three states.
 * - *idle*: no delivery is known to be due. Left when a hint, a due time or a refresh makes the lane ready.
 * - *ready*: the lane waits for the dispatcher to start a look. Left when slots are free; a lane without a free slot,
 *   or held by its handler, keeps `again` set and becomes ready when a slot is released or the hold ends.
 * - *receiving*: a look is in progress, never more than one. Left when it ends: to *ready* if `again` is set,
 *   otherwise to *idle*. `again` is set by a hint during the look, and by a look that received deliveries.
 *
 * Attempts run in every state; `busy` counts their slots. A lane has no timer: the dispatcher's schedule wakes it.
 */
export class Lane {
  readonly queue: QueueName;
  handler: BatchHandler;
  /** Number of occupied attempt slots, including reserved ones. */
  busy = 0;
  receiving = false;
  again = false;
  readonly #activeBatches = new Set<ActiveBatch>();
  #waiters: Waiter[] = [];

  constructor(queue: QueueName, handler: BatchHandler) {
    this.queue = queue;
    this.handler = handler;
  }

  /** Whether nothing is in progress, no look is wanted and no caller waits. */
  get quiet(): boolean {
    return this.busy === 0 && !this.receiving && !this.again && this.#waiters.length === 0;
  }

  /** Records a batch whose attempt is about to start. Returns the function that records its end. */
  begin(batch: readonly LockedDelivery[], receivedAt: EpochMs): () => void {
    let oldestNewAt = Number.POSITIVE_INFINITY;
    for (const delivery of batch) {
      if (delivery.deliveryCount === 0) oldestNewAt = Math.min(oldestNewAt, delivery.enqueuedAt);
    }
    const active = { receivedAt, oldestNewAt };
    this.#activeBatches.add(active);
    return () => {
      this.#activeBatches.delete(active);
      this.#resolveWaiters();
    };
  }

  /** Returns the waiters that a look beginning now can satisfy. */
  waitersBeforeLook(): readonly Waiter[] {
    return this.#waiters.filter((waiter) => !waiter.seen);
  }

  /**
   * Updates the waiters after a look. `received` is ordered by due time, so a delivery that arrived later proves that
   * the earlier ones have been received.
   */
  afterLook(waiters: readonly Waiter[], received: readonly LockedDelivery[]): void {
    if (waiters.length === 0) return;
    const newest = received.findLast((delivery) => delivery.deliveryCount === 0);
    for (const waiter of waiters) {
      if (received.length === 0 || (newest !== undefined && newest.enqueuedAt > waiter.at)) waiter.seen = true;
    }
    this.#resolveWaiters();
  }

  /** Resolves when a look has found no delivery that arrived up to `at`, and the received ones have been attempted. */
  settledUpTo(at: EpochMs): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push({ at, done: resolve, seen: false });
    });
  }

  /**
   * Resolves the waiters although deliveries are left: the lane is held for a while, and its deliveries wait as if for
   * a retry.
   */
  delay(): void {
    for (const waiter of this.#waiters) waiter.seen = true;
    this.#resolveWaiters();
  }

  /** Resolves all waiters: the lane is not used any more. */
  abandon(): void {
    for (const waiter of this.#waiters) waiter.done();
    this.#waiters = [];
  }

  #resolveWaiters(): void {
    if (this.#waiters.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => {
      if (!waiter.seen || this.#hasActiveUpTo(waiter.at)) return true;
      waiter.done();
      return false;
    });
  }

  #hasActiveUpTo(at: EpochMs): boolean {
    for (const active of this.#activeBatches) {
      if (active.receivedAt <= at || active.oldestNewAt <= at) return true;
    }
    return false;
  }
}
