import type { LockedDelivery, QueueName } from "../../core/delivery.ts";
import type { EpochMs } from "../../core/time.ts";
import type { BatchHandler } from "./batch-handler.ts";

/** One batch under way. */
interface ActiveBatch {
  readonly receivedAt: EpochMs;
  /** The earliest arrival among deliveries that had not been attempted before; `Infinity` when there is none. */
  readonly oldestNewAt: EpochMs;
}

/** Somebody waiting until everything that arrived up to `at` has been attempted. */
interface Waiter {
  readonly at: EpochMs;
  readonly done: () => void;
  /** A look at the queue, begun after the wait did, found nothing older left in it. */
  seen: boolean;
}

/**
 * The dispatcher's view of one queue.
 *
 * States: *idle* (nothing known to be due), *ready* (to be looked at), *receiving* (one look under way; never two).
 * `busy` counts attempts under way in any state. A hint during a look, and a look that found something, set `again`,
 * which makes the lane ready soon after the look ends.
 */
export class Lane {
  readonly queue: QueueName;
  handler: BatchHandler;
  /** Attempt slots taken, reserved ones included. */
  busy = 0;
  receiving = false;
  again = false;
  readonly #activeBatches = new Set<ActiveBatch>();
  #waiters: Waiter[] = [];

  constructor(queue: QueueName, handler: BatchHandler) {
    this.queue = queue;
    this.handler = handler;
  }

  /** Nothing under way and nobody waiting: the lane may be forgotten. */
  get quiet(): boolean {
    return this.busy === 0 && !this.receiving && !this.again && this.#waiters.length === 0;
  }

  /** Notes a batch that is about to be attempted; the answer ends it. */
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

  /** The waiters that a look beginning now can satisfy. */
  waitersBeforeLook(): readonly Waiter[] {
    return this.#waiters.filter((waiter) => !waiter.seen);
  }

  /** Takes note of what a look found: `received` comes oldest due first, so a later arrival proves older ones taken. */
  afterLook(waiters: readonly Waiter[], received: readonly LockedDelivery[]): void {
    if (waiters.length === 0) return;
    const newest = received.findLast((delivery) => delivery.deliveryCount === 0);
    for (const waiter of waiters) {
      if (received.length === 0 || (newest !== undefined && newest.enqueuedAt > waiter.at)) waiter.seen = true;
    }
    this.#resolveWaiters();
  }

  /** Resolves when a look found nothing left that arrived up to `at`, and what was taken has been attempted. */
  settledUpTo(at: EpochMs): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push({ at, done: resolve, seen: false });
    });
  }

  /** Nothing more will be taken for a while: what is left waits like a retry, and nobody waits for it. */
  delay(): void {
    for (const waiter of this.#waiters) waiter.seen = true;
    this.#resolveWaiters();
  }

  /** Lets every waiter go: the lane will do nothing more. */
  abandon(): void {
    for (const waiter of this.#waiters) waiter.done();
    this.#waiters = [];
  }

  #resolveWaiters(): void {
    if (this.#waiters.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => {
      if (!waiter.seen || this.#holdsBack(waiter.at)) return true;
      waiter.done();
      return false;
    });
  }

  #holdsBack(at: EpochMs): boolean {
    for (const active of this.#activeBatches) {
      if (active.receivedAt <= at || active.oldestNewAt <= at) return true;
    }
    return false;
  }
}
