import type { DeadLetterReason, FailedAttempt, LockedDelivery, LockToken, QueueName } from "../core/delivery.ts";
import type { EventEnvelope } from "../core/event.ts";
import type { EpochMs } from "../core/time.ts";

/** One event and the queues it goes to. */
export interface EnqueueItem {
  readonly event: EventEnvelope;
  /** At least one; each named once. */
  readonly to: readonly QueueName[];
}

/** What became of one token. Losing a lock is normal, so this is a value. */
export type SettleResult =
  | "settled"
  /** The lock had run out or was taken over: the delivery is, or will be, somebody else's. */
  | "lock-lost"
  /** Not a token of this queue, or of a delivery that was settled before. */
  | "unknown-token";

/** What a queue holds right now. */
export interface QueueDepth {
  /** Waiting, due or not; without the locked ones. */
  readonly waiting: number;
  readonly locked: number;
}

/** What a store can promise; tests are gated by these and `docs/store-backends.md` prints them. */
export interface StoreCapabilities {
  /** What is acknowledged survives the end of the process. */
  readonly durable: boolean;
  /** `now` is believed, so a manual clock rules every wait. */
  readonly virtualTime: boolean;
  /** One `enqueue` reaches all its queues or none. */
  readonly atomicFanOut: boolean;
  /** Another process may use the same store at the same time. */
  readonly shared: boolean;
  /** The longest delay of `release`, in milliseconds. */
  readonly maxReleaseDelayMs: number;
}

/** How a release changes a delivery. */
export interface ReleaseOptions {
  readonly now: EpochMs;
  /** Not received again before this. */
  readonly dueAt: EpochMs;
  /** The attempt that failed: recorded, and counted. Without it the delivery returns as it was. */
  readonly attempt?: FailedAttempt;
}

/** How a rejection ends a delivery. */
export interface RejectOptions {
  readonly now: EpochMs;
  readonly reason: DeadLetterReason;
  /** The attempt that failed, if the rejection follows one: recorded, and counted. */
  readonly attempt?: FailedAttempt;
  /** Moves the delivery to this queue, with `reason`; without it the delivery is dropped. */
  readonly moveTo?: { readonly queue: QueueName; readonly dueAt: EpochMs };
}

/**
 * Durable queues of deliveries.
 *
 * A delivery is *waiting* (from its due time on it may be received), *locked* (until its lock runs out, when it is
 * waiting again, its count unchanged) or gone. Queues need not be created: the first delivery makes one. Within a
 * queue deliveries are received in order of due time, then of arrival; nobody may rely on more than that.
 *
 * Every method takes `now`: a queue never asks a clock. Every settling verb answers one result per token, in order, and
 * resolves when its effect is durable; `acknowledge` may do so a little earlier. Any method may reject with `store_unavailable`; what it would have changed
 * is then unchanged, or (for a lost connection) unknown, never half done within one queue.
 */
export interface DeliveryQueue {
  readonly capabilities: StoreCapabilities;

  /**
   * Stores the events of one publish request with all their deliveries, due at once. Resolves when all are durable;
   * where `atomicFanOut` holds it is all or nothing. Concurrent calls share the store's flushes.
   */
  enqueue(items: readonly EnqueueItem[], now: EpochMs): Promise<void>;

  /**
   * Locks up to `max` due deliveries and gives them out, oldest due first; an empty answer is normal.
   * Stops before `maxBytes` of event JSON would be exceeded, but always gives one.
   */
  receive(
    queue: QueueName,
    options: { readonly max: number; readonly maxBytes?: number; readonly lockMs: number; readonly now: EpochMs },
  ): Promise<LockedDelivery[]>;

  /**
   * Done: the deliveries are gone. That need not be durable yet, but is with whatever is written next, or some
   * milliseconds later: a process that ends abruptly before receives them once more when it is back.
   */
  acknowledge(queue: QueueName, tokens: readonly LockToken[], now: EpochMs): Promise<SettleResult[]>;

  /** Back to waiting until `dueAt`. */
  release(queue: QueueName, tokens: readonly LockToken[], options: ReleaseOptions): Promise<SettleResult[]>;

  /** Never again: moved to another queue in the same step, or dropped. */
  reject(queue: QueueName, tokens: readonly LockToken[], options: RejectOptions): Promise<SettleResult[]>;

  /** Prolongs the locks to `now + lockMs`. */
  renewLock(
    queue: QueueName,
    tokens: readonly LockToken[],
    options: { readonly now: EpochMs; readonly lockMs: number },
  ): Promise<SettleResult[]>;

  /**
   * When something in the queue may next be received: the earliest due time of what waits (in the past when it is due
   * already) or the earliest end of a lock, whichever is first; `undefined` when the queue holds nothing.
   */
  nextDueAt(queue: QueueName): Promise<EpochMs | undefined>;

  /** Every queue that holds something, each with its `nextDueAt`: how a starting dispatcher finds its work. */
  occupiedQueues(): Promise<readonly { readonly queue: QueueName; readonly nextDueAt: EpochMs }[]>;

  /** Tells that something may have become due earlier than thought. A hint: it may be lost, or be wrong. */
  onAvailable(listener: (queue: QueueName) => void): () => void;

  depth(queue: QueueName, now: EpochMs): Promise<QueueDepth>;

  /**
   * How many deliveries all queues hold now, locked ones included. Costs next to nothing, so it may be asked with every
   * publish request; absent where a store cannot tell as cheaply.
   */
  readonly size?: () => number;

  /** Drops a queue and all it holds. Idempotent. */
  removeQueue(queue: QueueName): Promise<void>;
}
