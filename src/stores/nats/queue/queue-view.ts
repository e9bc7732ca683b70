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
  /** The connection's at that time; on a later one the server may have forgotten the lock. */
  readonly epoch: number;
}

/** A server gives back what is due some milliseconds late. For this long after a due time it is looked for. */
const OVERDUE_MS = 10 * SECOND_MS;
/** The first look after a due time; every further one waits as long as has passed since. */
const FIRST_LOOK_MS = 10;
/** How long a lock that ran out is remembered, to answer that it was lost. */
const LOST_LOCK_MS = 600 * SECOND_MS;

/** Options for a {@link QueueView}. */
export interface QueueViewOptions {
  /** The name of this node. */
  readonly node: string;
  /** Counts a receive whose lock has run out. */
  readonly count: (view: QueueView, lock: Lock<HeldMessage>) => void;
}

/** What this node knows of one queue: the locks it gave, and times at which something will be due. */
export class QueueView {
  readonly name: QueueName;
  readonly address: QueueAddress;
  readonly locks: LockTable<HeldMessage>;
  /** The connection on which the consumer is known to exist, and when it was last asked. */
  consumerEpoch = 0;
  consumerAskedAt: EpochMs = 0;
  /** While it is being made: whether there was reason to. */
  makingConsumer: Promise<boolean> | undefined;
  /** Of the events received lately. */
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

  /** Something in the queue will be due then. */
  noteDue(at: EpochMs): void {
    this.#dueTimes.push(at);
  }

  /** A lock has run out: its delivery waits again, at the server. */
  noteLost(lock: Lock<HeldMessage>, now: EpochMs): void {
    this.#dueTimes.push(lock.until);
    this.#lost.push({ at: now + LOST_LOCK_MS, lock });
  }

  /** Ends the locks that have run out. */
  expire(now: EpochMs): void {
    for (const lock of this.locks.expire(now)) {
      this.noteLost(lock, now);
      if (lock.counted) this.#count(this, lock);
    }
    for (let first = this.#lost.peek(); first !== undefined && first.at <= now; first = this.#lost.peek()) {
      this.#lost.pop();
      // A later lock on the same delivery is not touched by this.
      this.locks.end(first.lock);
    }
  }

  /** When to look again, as far as this node knows. */
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
