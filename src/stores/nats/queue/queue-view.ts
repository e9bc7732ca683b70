import type { Delivery, QueueName } from "../../../core/delivery.ts";
import { SECOND_MS, type EpochMs } from "../../../core/time.ts";
import { LockTable, type Lock } from "../../lock-table.ts";
import { MinHeap } from "../../../core/min-heap.ts";
import type { QueueAddress } from "../link/names.ts";

/** A delivery that this node has locked. */
export interface HeldMessage {
  readonly delivery: Delivery;
  readonly sequence: number;
  readonly ackSubject: string;
  /** Epoch of the connection when the lock was taken. In a later epoch the server may have lost the lock. */
  readonly epoch: number;
}

/**
 * Time in milliseconds after a due time during which the queue is polled: servers return due messages some milliseconds
 * late.
 */
const OVERDUE_MS = 10 * SECOND_MS;
/** Milliseconds from a due time to the first poll. Each further poll waits as long as has passed since the due time. */
const FIRST_LOOK_MS = 10;
/** Time in milliseconds for which an expired lock is kept, so that its token is reported as lost. */
const LOST_LOCK_MS = 600 * SECOND_MS;

/** Options for a {@link QueueView}. */
export interface QueueViewOptions {
  /** The name of this node. */
  readonly node: string;
  /** Counts a receive whose lock has run out. */
  readonly count: (view: QueueView, lock: Lock<HeldMessage>) => void;
}

/**
 * The state of one queue on this node: the locks that the node has issued, and times at which deliveries become due.
 */
export class QueueView {
  readonly name: QueueName;
  readonly address: QueueAddress;
  readonly locks: LockTable<HeldMessage>;
  /** Epoch of the connection in which the consumer is known to exist, and the time of its last use. */
  consumerEpoch = 0;
  consumerAskedAt: EpochMs = 0;
  /** Set while the consumer is being created. Resolves with whether the queue has messages. */
  makingConsumer: Promise<boolean> | undefined;
  /** Average size of the recently received events. */
  averageBytes = 1_024;
  readonly #dueTimes = new MinHeap<EpochMs>((one, other) => one < other);
  readonly #lost = new MinHeap<{ readonly at: EpochMs; readonly lock: Lock<HeldMessage> }>(
    (one, other) => one.at < other.at,
  );
  #overdueSince: EpochMs | undefined;

  readonly #count: QueueViewOptions["count"];

  constructor(name: QueueName, address: QueueAddress, { node, count }: QueueViewOptions) {
    this.name = name;
    this.address = address;
    this.locks = new LockTable(node);
    this.#count = count;
  }

  /** Notes that a delivery becomes due at this time. */
  noteDue(at: EpochMs): void {
    this.#dueTimes.push(at);
  }

  /** Notes that a lock has run out and that its delivery waits again on the server. */
  noteLost(lock: Lock<HeldMessage>, now: EpochMs): void {
    this.#dueTimes.push(lock.until);
    this.#lost.push({ at: now + LOST_LOCK_MS, lock });
  }

  /** Expires the locks that have run out. */
  expire(now: EpochMs): void {
    for (const lock of this.locks.expire(now)) {
      this.noteLost(lock, now);
      if (lock.counted) this.#count(this, lock);
    }
    for (let first = this.#lost.peek(); first !== undefined && first.at <= now; first = this.#lost.peek()) {
      this.#lost.pop();
      // Has no effect if the delivery has a newer lock.
      this.locks.end(first.lock);
    }
  }

  /** Returns the next time to receive from the queue; `undefined` if this node knows of none. */
  nextKnown(now: EpochMs): EpochMs | undefined {
    for (let first = this.#dueTimes.peek(); first !== undefined && first <= now; first = this.#dueTimes.peek()) {
      this.#overdueSince = first;
      this.#dueTimes.pop();
    }
    const late = now - (this.#overdueSince ?? Number.NEGATIVE_INFINITY);
    if (late > OVERDUE_MS) this.#overdueSince = undefined;
    const earliest = Math.min(
      this.#overdueSince === undefined ? Number.POSITIVE_INFINITY : now + Math.max(FIRST_LOOK_MS, late),
      this.#dueTimes.peek() ?? Number.POSITIVE_INFINITY,
      this.locks.earliestEnd() ?? Number.POSITIVE_INFINITY,
    );
    return earliest === Number.POSITIVE_INFINITY ? undefined : earliest;
  }
}
