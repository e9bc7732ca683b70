import type { LockToken } from "../core/delivery.ts";
import type { EpochMs } from "../core/time.ts";
import { MinHeap } from "../core/min-heap.ts";
import type { ReceiveOptions, RenewLockOptions } from "../ports/delivery-queue.ts";

/**
 * The lock on one delivery.
 *
 * *held* → *settling* (a change that ends it is being stored) → gone, or *held* again when that failed.
 * *held* → *leaving* (its delivery has ended, and is still stored) → gone.
 * *held* → *expired* (ran out; the delivery waits again) → replaced by the next holder's lock.
 */
export interface Lock<D> {
  readonly token: LockToken;
  /** The delivery's number of arrival, unique in the store. */
  readonly sequence: number;
  readonly delivery: D;
  /** The first of the unbroken line of locks that ran out before this one; tokens before it are of a settled past. */
  readonly lineage: number;
  readonly number: number;
  readonly receivedAt: EpochMs;
  /** The receive counts when the lock runs out. */
  readonly counted: boolean;
  until: EpochMs;
  expired: boolean;
  leaving: boolean;
  /** While settling: resolves, never rejects, once it is known what became of it. */
  settling: Promise<unknown> | undefined;
}

/** Ends with what is being done about some of these locks; `undefined` when that is nothing. */
export function settlingOf(locks: readonly (Lock<unknown> | LockProblem)[]): Promise<unknown> | undefined {
  const settling = new Set<Promise<unknown>>();
  for (const lock of locks) if (typeof lock === "object" && lock.settling !== undefined) settling.add(lock.settling);
  return settling.size === 0 ? undefined : Promise.all(settling);
}

/** The options of a receive that shape its locks. */
export type LockOptions = Pick<ReceiveOptions, "now" | "lockMs" | "counted">;

/** Returns whether a lock may be renewed; the rule is that of the port's `renewLock`. */
export function isRenewable({ receivedAt }: Lock<unknown>, { receivedSince = receivedAt }: RenewLockOptions): boolean {
  return receivedAt >= receivedSince;
}

/** Locks that run out at the same time. */
interface LocksEnd<D> {
  readonly at: EpochMs;
  readonly locks: Lock<D>[];
}

/** Why a token cannot be settled. */
export type LockProblem = "lock-lost" | "unknown-token";

/**
 * The locks of one queue, in memory: when the process ends, all are gone and their deliveries wait again.
 *
 * A token names its delivery, so nothing is kept about locks that were lost: as long as the delivery has a newer lock,
 * or has not been settled since this one ran out, the answer is `lock-lost`; afterwards `unknown-token`.
 * Measured in docs/hot-path.md.
 */
export class LockTable<D> {
  readonly #prefix: string;
  readonly #locks = new Map<number, Lock<D>>();
  /** The locks that end at one time; one that is gone or was prolonged is passed over when it surfaces. */
  readonly #ends = new MinHeap<LocksEnd<D>>((one, other) => one.at < other.at);
  /** What was put there last: most locks end with the one taken before them. */
  #latestEnd: LocksEnd<D> | undefined;
  #held = 0;
  #leaving = 0;
  #taken = 0;

  /** @param prefix begins every token; unlike in any other run, so that tokens of earlier ones are unknown */
  constructor(prefix: string) {
    this.#prefix = `${prefix}-`;
  }

  /** Locks that have not run out, as far as {@link expire} was told of the time. */
  get held(): number {
    return this.#held;
  }

  /** Locks whose deliveries have ended but are still stored. */
  get leaving(): number {
    return this.#leaving;
  }

  /** Whether a delivery is locked (and may not be given out). */
  isLocked(sequence: number): boolean {
    const lock = this.#locks.get(sequence);
    return lock !== undefined && (!lock.expired || lock.settling !== undefined);
  }

  /** Returns when the lock of a delivery ends; `undefined` when it has none. */
  lockedUntil(sequence: number): EpochMs | undefined {
    const lock = this.#locks.get(sequence);
    return lock === undefined || lock.expired ? undefined : lock.until;
  }

  /** Whether a delivery has ended and is still stored. */
  isLeaving(sequence: number): boolean {
    return this.#locks.get(sequence)?.leaving === true;
  }

  /** Returns the locks that have not run out and whose deliveries have not ended, in no particular order. */
  *current(): Generator<Lock<D>, void, void> {
    for (const lock of this.#locks.values()) if (!lock.expired && !lock.leaving) yield lock;
  }

  /** Locks a delivery that is not locked. */
  take(sequence: number, delivery: D, { now, lockMs, counted = false }: LockOptions): Lock<D> {
    const until = now + lockMs;
    const number = (this.#taken += 1);
    const token = `${this.#prefix}${sequence.toString(36)}-${number.toString(36)}` as LockToken;
    const lineage = this.#locks.get(sequence)?.lineage ?? number;
    const lock: Lock<D> = {
      token,
      sequence,
      delivery,
      lineage,
      number,
      receivedAt: now,
      counted,
      until,
      expired: false,
      leaving: false,
      settling: undefined,
    };
    this.#locks.set(sequence, lock);
    this.#addEnd(lock, until);
    this.#held += 1;
    return lock;
  }

  /** The lock a token proves at `now`, even while it is settling. */
  find(token: LockToken, now: EpochMs): Lock<D> | LockProblem {
    const dash = token.indexOf("-", this.#prefix.length);
    if (dash < 0 || !token.startsWith(this.#prefix)) return "unknown-token";
    const lock = this.#locks.get(Number.parseInt(token.slice(this.#prefix.length, dash), 36));
    if (lock === undefined || lock.leaving) return "unknown-token";
    if (lock.token === token) {
      return lock.settling === undefined && (lock.expired || lock.until <= now) ? "lock-lost" : lock;
    }
    const earlier = Number.parseInt(token.slice(dash + 1), 36);
    return earlier >= lock.lineage && earlier < lock.number ? "lock-lost" : "unknown-token";
  }

  renew(lock: Lock<D>, until: EpochMs): void {
    lock.until = until;
    this.#addEnd(lock, until);
  }

  /** The delivery of a lock that is held has ended; it is locked for everybody until it is stored no more. */
  leave(lock: Lock<D>): void {
    lock.leaving = true;
    this.#held -= 1;
    this.#leaving += 1;
  }

  /** Removes a lock whose delivery has been settled. */
  end(lock: Lock<D>): void {
    if (this.#locks.get(lock.sequence) !== lock) return;
    this.#locks.delete(lock.sequence);
    if (lock.leaving) this.#leaving -= 1;
    else if (!lock.expired) this.#held -= 1;
  }

  /** Ends every lock that has run out at `now` and answers those whose deliveries wait again. */
  expire(now: EpochMs): Lock<D>[] {
    const expired: Lock<D>[] = [];
    for (let first = this.#firstEnd(); first !== undefined && first.at <= now; first = this.#firstEnd()) {
      for (const lock of first.locks) {
        // One that was renewed twice to the same time is there twice.
        if (!this.#endsAt(lock, first.at)) continue;
        lock.expired = true;
        this.#held -= 1;
        if (lock.settling === undefined) expired.push(lock);
      }
    }
    return expired;
  }

  /** When the next lock runs out; `undefined` when none is held. */
  earliestEnd(): EpochMs | undefined {
    return this.#firstEnd()?.at;
  }

  #addEnd(lock: Lock<D>, at: EpochMs): void {
    if (this.#latestEnd?.at !== at) {
      this.#latestEnd = { at, locks: [] };
      this.#ends.push(this.#latestEnd);
    }
    this.#latestEnd.locks.push(lock);
  }

  /** The earliest time at which a lock runs out, with all that may do so then. */
  #firstEnd(): LocksEnd<D> | undefined {
    for (let first = this.#ends.peek(); first !== undefined; first = this.#ends.peek()) {
      for (let lock = first.locks.at(-1); lock !== undefined; lock = first.locks.at(-1)) {
        if (this.#endsAt(lock, first.at)) return first;
        first.locks.pop();
      }
      this.#ends.pop();
      if (first === this.#latestEnd) this.#latestEnd = undefined;
    }
    return undefined;
  }

  #endsAt(lock: Lock<D>, at: EpochMs): boolean {
    return !lock.expired && !lock.leaving && lock.until === at && this.#locks.get(lock.sequence) === lock;
  }
}
