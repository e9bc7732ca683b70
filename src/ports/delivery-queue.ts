import type {
  DeadLetterReason,
  FailedAttempt,
  LockedDelivery,
  LockToken,
  PeekedDelivery,
  QueueName,
  QueuePosition,
} from "../core/delivery.ts";
import type { EventEnvelope } from "../core/event.ts";
import type { EpochMs } from "../core/time.ts";

/** One event and the queues it goes to. */
export interface EnqueueItem {
  readonly event: EventEnvelope;
  /** At least one; each named once. */
  readonly to: readonly QueueName[];
  /** The event is not received before this. Without it, or when it has passed, it is due at once. */
  readonly dueAt?: EpochMs;
}

/** Result of settling one token. Losing a lock is normal, so this is a value. */
export type SettleResult =
  | "settled"
  /** The lock had run out or was taken over: the delivery waits again, or another receiver has it. */
  | "lock-lost"
  /** Not a token of this queue, or of a delivery that was settled before. */
  | "unknown-token"
  /** Of `renewLock` only: the delivery was received before `receivedSince`. Its lock stays as it is. */
  | "renewal-refused";

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
  /** The store has `bytesIn`. */
  readonly measuresBytes: boolean;
}

/** Options for a receive. */
export interface ReceiveOptions {
  readonly now: EpochMs;
  /** The largest number of deliveries. */
  readonly max: number;
  /** Bytes of event JSON at which the receive stops; it always gives one delivery. */
  readonly maxBytes?: number;
  /** How long the deliveries are locked. */
  readonly lockMs: number;
  /**
   * Counts the receive if its lock runs out: the next receiver finds `deliveryCount` one higher. Without it the delivery
   * returns as it was.
   */
  readonly counted?: boolean;
}

/** Options for looking into a queue. */
export interface PeekOptions {
  readonly now: EpochMs;
  /** The largest number of deliveries. */
  readonly max: number;
  /** Bytes of event JSON at which the result ends; it has one delivery at least. */
  readonly maxBytes?: number;
  /** Begins behind this place; without it, with the first delivery. */
  readonly after?: QueuePosition;
}

/** How an acknowledgement is stored. */
export interface AcknowledgeOptions {
  /** Resolves only when the end of the deliveries is durable. */
  readonly durable?: boolean;
}

/** How a release changes a delivery. */
export interface ReleaseOptions {
  readonly now: EpochMs;
  /** Not received again before this. */
  readonly dueAt: EpochMs;
  /** The attempt that failed: recorded, and counted. */
  readonly attempt?: FailedAttempt;
  /** Counts the receive although there was no attempt. With neither, the delivery returns as it was. */
  readonly counted?: boolean;
}

/** Options for renewing locks. */
export interface RenewLockOptions {
  readonly now: EpochMs;
  /** The locks hold until `now + lockMs`. */
  readonly lockMs: number;
  /** Leaves locks alone whose deliveries were received before this, with the result `renewal-refused`. */
  readonly receivedSince?: EpochMs;
}

/** How a rejection ends a delivery. */
export interface RejectOptions {
  readonly now: EpochMs;
  readonly reason: DeadLetterReason;
  /** The attempt that failed, if the rejection follows one: recorded, and counted. */
  readonly attempt?: FailedAttempt;
  /** Counts the receive although there was no attempt. */
  readonly counted?: boolean;
  /** Moves the delivery to this queue, with `reason`; without it the delivery is dropped. */
  readonly moveTo?: { readonly queue: QueueName; readonly dueAt: EpochMs };
}

/**
 * Durable queues of deliveries.
 *
 * A delivery is *waiting* (from its due time on it may be received), *locked* (until its lock runs out, when it is
 * waiting again) or gone. Queues need not be created: the first delivery makes one. Within a queue deliveries are
 * received in order of due time, then of arrival; clients must not rely on more than that.
 *
 * `deliveryCount` rises when a lock ends, never when it begins: with a `release` or `reject` that has an `attempt` or is
 * `counted`, and when the lock of a `counted` receive runs out. When the process ends, locks end uncounted: a count may
 * lack receives that were under way then, and is never too high. A lock that runs out is counted by the first call that
 * notices. A queue has no maximum: a delivery is received whatever its count, and a receiver that finds the maximum
 * reached rejects it, uncounted, and passes it to no client.
 *
 * Every method takes `now`: a queue never asks a clock. Every settling verb returns one result per token, in order, and
 * resolves when its effect is durable; `acknowledge` may do so a little earlier. Any method may reject with
 * `store_unavailable`; what it would have changed is then unchanged, or (for a lost connection) unknown, never half done
 * within one queue.
 */
export interface DeliveryQueue {
  readonly capabilities: StoreCapabilities;

  /**
   * Stores the events of one publish request with all their deliveries. Resolves when all are durable; where
   * `atomicFanOut` holds it is all or nothing. Concurrent calls share the store's flushes.
   */
  enqueue(items: readonly EnqueueItem[], now: EpochMs): Promise<void>;

  /** Locks up to `max` due deliveries and returns them, oldest due first; an empty result is normal. */
  receive(queue: QueueName, options: ReceiveOptions): Promise<LockedDelivery[]>;

  /**
   * Ends the deliveries: they were delivered. Unless `durable` is set this is not durable yet, but is with whatever is
   * written next, or some milliseconds later: a process that is killed before receives them once more when it is back.
   */
  acknowledge(
    queue: QueueName,
    tokens: readonly LockToken[],
    now: EpochMs,
    options?: AcknowledgeOptions,
  ): Promise<SettleResult[]>;

  /** Returns the deliveries to the queue, where they wait until `dueAt`. */
  release(queue: QueueName, tokens: readonly LockToken[], options: ReleaseOptions): Promise<SettleResult[]>;

  /** Ends the deliveries without success: moves them to another queue in the same step, or drops them. */
  reject(queue: QueueName, tokens: readonly LockToken[], options: RejectOptions): Promise<SettleResult[]>;

  /** Prolongs the locks, or shortens them. */
  renewLock(queue: QueueName, tokens: readonly LockToken[], options: RenewLockOptions): Promise<SettleResult[]>;

  /**
   * Returns what a queue holds, waiting and locked deliveries alike, in the queue's order. Locks nothing. What changes
   * between two calls may be missing from both, or be in both.
   *
   * Errors: `invalid_request` when `after` is no place in a queue.
   */
  peek(queue: QueueName, options: PeekOptions): Promise<PeekedDelivery[]>;

  /**
   * When something in the queue may next be received: the earliest due time of what waits (in the past when it is due
   * already) or the earliest end of a lock, whichever is first; `undefined` when the queue holds nothing.
   */
  nextDueAt(queue: QueueName): Promise<EpochMs | undefined>;

  /** Every queue that holds something, each with its `nextDueAt`: how a starting dispatcher finds its work. */
  occupiedQueues(): Promise<readonly { readonly queue: QueueName; readonly nextDueAt: EpochMs }[]>;

  /** Calls `listener` when a delivery may have become due earlier than expected. A hint: it may be lost, or be wrong. */
  onAvailable(listener: (queue: QueueName) => void): () => void;

  depth(queue: QueueName, now: EpochMs): Promise<QueueDepth>;

  /**
   * How many deliveries all queues hold now, locked ones included. Costs next to nothing, so it may be asked with every
   * publish request; absent where a store cannot tell as cheaply.
   */
  readonly size?: () => number;

  /**
   * Returns the bytes of event JSON in a queue now, locked deliveries included. Costs next to nothing; absent where a
   * store cannot tell as cheaply (`measuresBytes`).
   */
  readonly bytesIn?: (queue: QueueName) => number;

  /** Drops a queue and all it holds. Idempotent. */
  removeQueue(queue: QueueName): Promise<void>;
}
