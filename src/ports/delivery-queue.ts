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

/** An event and the queues that receive it. */
export interface EnqueueItem {
  readonly event: EventEnvelope;
  /** Names of one or more queues, without duplicates. */
  readonly to: readonly QueueName[];
  /** The earliest time at which the event is received. If unset or in the past, the event is due at once. */
  readonly dueAt?: EpochMs;
}

/** Result of settling one token. A lost lock is a normal case, so it is a value and not an error. */
export type SettleResult =
  | "settled"
  /** The lock has run out or was replaced: the delivery waits again, or another receiver holds it. */
  | "lock-lost"
  /** The token was not issued by this queue, or its delivery has been settled. */
  | "unknown-token"
  /** Only from `renewLock`: the delivery was received before `receivedSince`. Its lock is unchanged. */
  | "renewal-refused";

/** The number of deliveries in a queue. */
export interface QueueDepth {
  /** Deliveries that are not locked, due or not. */
  readonly waiting: number;
  readonly locked: number;
}

/** Guarantees of a store. Tests depend on them, and `docs/store-backends.md` prints them. */
export interface StoreCapabilities {
  /** Acknowledged writes survive the end of the process. */
  readonly durable: boolean;
  /** The store takes `now` as the current time, so that a manual clock controls every wait. */
  readonly virtualTime: boolean;
  /** One `enqueue` writes to all its queues or to none. */
  readonly atomicFanOut: boolean;
  /** Other processes may use the same store at the same time. */
  readonly shared: boolean;
  /** Maximum delay of `release` in milliseconds. */
  readonly maxReleaseDelayMs: number;
  /** The store implements `bytesIn`. */
  readonly measuresBytes: boolean;
}

/** Options for a receive. */
export interface ReceiveOptions {
  readonly now: EpochMs;
  /** Maximum number of deliveries. */
  readonly max: number;
  /** Maximum bytes of event JSON. The first delivery is returned even if it is larger. */
  readonly maxBytes?: number;
  /** Time in milliseconds for which the deliveries are locked. */
  readonly lockMs: number;
  /**
   * If true and the lock runs out, `deliveryCount` is one higher for the next receiver. Otherwise, the delivery returns
   * unchanged.
   */
  readonly counted?: boolean;
}

/** Options for a peek. */
export interface PeekOptions {
  readonly now: EpochMs;
  /** Maximum number of deliveries. */
  readonly max: number;
  /** Maximum bytes of event JSON. The first delivery is returned even if it is larger. */
  readonly maxBytes?: number;
  /** Starts behind this position. If unset, starts with the first delivery. */
  readonly after?: QueuePosition;
}

/** Options for an acknowledgement. */
export interface AcknowledgeOptions {
  /** If true, resolves only when the acknowledgement is durable. */
  readonly durable?: boolean;
}

/** Options for a release. */
export interface ReleaseOptions {
  readonly now: EpochMs;
  /** The earliest time at which the deliveries are received again. */
  readonly dueAt: EpochMs;
  /** The failed attempt, which is stored and counted. */
  readonly attempt?: FailedAttempt;
  /** If true, counts the receive without an attempt. With neither, the deliveries return unchanged. */
  readonly counted?: boolean;
}

/** Options for renewing locks. */
export interface RenewLockOptions {
  readonly now: EpochMs;
  /** Time in milliseconds from `now` to the new end of the locks. */
  readonly lockMs: number;
  /** Refuses deliveries that were received before this time, with the result `renewal-refused`. */
  readonly receivedSince?: EpochMs;
}

/** Options for a rejection. */
export interface RejectOptions {
  readonly now: EpochMs;
  readonly reason: DeadLetterReason;
  /** The failed attempt that led to the rejection, if there is one. It is stored and counted. */
  readonly attempt?: FailedAttempt;
  /** If true, counts the receive without an attempt. */
  readonly counted?: boolean;
  /** Moves the deliveries to this queue with `reason`. If unset, they are dropped. */
  readonly moveTo?: { readonly queue: QueueName; readonly dueAt: EpochMs };
}

/**
 * Durable queues of deliveries.
 *
 * A delivery is in one of three states.
 * - *waiting*: it may be received when its due time has come. Left by `receive`.
 * - *locked*: entered by `receive`. Left by a settling call, or when the lock runs out; the delivery then waits again.
 * - *deleted*: entered by `acknowledge`, by `reject`, or with the queue.
 *
 * Queues need not be created: the first delivery creates its queue. A queue returns deliveries in order of due time,
 * then of arrival. Clients must not rely on more than that.
 *
 * `deliveryCount` increases when a lock ends, not when it begins: by a `release` or `reject` that has an `attempt` or
 * is `counted`, and when the lock of a `counted` receive runs out. The first call that notices an expired lock counts
 * it. When the process ends, its locks end without being counted. A count may therefore miss receives that were in
 * progress at that time, but is never too high. A queue has no maximum count: it returns deliveries with any count. A
 * receiver that finds the maximum reached rejects the delivery, uncounted, and passes it to no client.
 *
 * A queue reads no clock: methods that depend on the time take `now`. Every settling method returns one result per
 * token, in order, and resolves when its effect is durable; `acknowledge` may resolve a little earlier. Every method
 * may reject with `store_unavailable`. Its change is then either not applied or, after a lost connection, unknown;
 * within one queue it is never applied in part.
 */
export interface DeliveryQueue {
  readonly capabilities: StoreCapabilities;

  /**
   * Stores the events of one publish request with all their deliveries. Resolves when all are durable. With
   * `atomicFanOut`, stores either all or none. Concurrent calls share the store's flushes.
   */
  enqueue(items: readonly EnqueueItem[], now: EpochMs): Promise<void>;

  /** Locks up to `max` due deliveries and returns them, earliest due time first. The result may be empty. */
  receive(queue: QueueName, options: ReceiveOptions): Promise<LockedDelivery[]>;

  /**
   * Acknowledges deliveries, which deletes them. Unless `durable` is set, the deletion becomes durable with the next write, or some
   * milliseconds later. If the process is killed before that, the deliveries are received once more after the restart.
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

  /** Sets a new end for the locks, which may be later or earlier. */
  renewLock(queue: QueueName, tokens: readonly LockToken[], options: RenewLockOptions): Promise<SettleResult[]>;

  /**
   * Returns the waiting and locked deliveries of a queue in its order, without locking them. A delivery that changes
   * between two calls may be in both results, or in neither.
   *
   * Rejects with `invalid_request` if `after` is not a position in a queue.
   */
  peek(queue: QueueName, options: PeekOptions): Promise<PeekedDelivery[]>;

  /**
   * Returns the earliest time at which a delivery of the queue may be received: the earliest due time of a waiting
   * delivery (which may be in the past) or the earliest end of a lock. Returns `undefined` if the queue is empty.
   */
  nextDueAt(queue: QueueName): Promise<EpochMs | undefined>;

  /** Returns every queue that is not empty, with its `nextDueAt`. A dispatcher reads this at start. */
  occupiedQueues(): Promise<readonly { readonly queue: QueueName; readonly nextDueAt: EpochMs }[]>;

  /** Calls `listener` when a delivery may have become due earlier than expected. A hint: it may be lost, or be wrong. */
  onAvailable(listener: (queue: QueueName) => void): () => void;

  depth(queue: QueueName, now: EpochMs): Promise<QueueDepth>;

  /**
   * Returns the number of deliveries in all queues, including locked ones. Cheap enough for a call with every publish
   * request. Absent if the store cannot count cheaply.
   */
  readonly size?: () => number;

  /**
   * Returns the bytes of event JSON in a queue, including locked deliveries. Cheap. Absent if the store cannot measure
   * cheaply (`measuresBytes`).
   */
  readonly bytesIn?: (queue: QueueName) => number;

  /** Deletes a queue with all its deliveries. Idempotent. */
  removeQueue(queue: QueueName): Promise<void>;
}
