import type { LockToken } from "../core/delivery.ts";
import type { EpochMs } from "../core/time.ts";
import { MinHeap } from "../core/min-heap.ts";
import type { ReceiveOptions, RenewLockOptions } from "../ports/delivery-queue.ts";

/**
 * The lock on one delivery. It is in one of these states.
 * - *held*: entered by {@link LockTable.take}. The table's owner may renew it, or start to settle it.
 * - *settling*: a change that ends the lock is being stored. Left when the change is stored (the lock is removed) or
 *   has failed (the lock is held again).
 * - *leaving*: the delivery has ended but is still stored. Left when it is deleted from the store.
 * - *expired*: the lock has run out and its delivery waits again. Left when the next receiver's lock replaces it.
 */
export interface Lock<D> {
  readonly token: LockToken;
  /** The delivery's arrival number, unique in the store. */
  readonly sequence: number;
  readonly delivery: D;
  /**
   * Number of the first lock in the unbroken series of expired locks before this one. Tokens with lower numbers are
   * unknown.
   */
  readonly lineage: number;
  readonly number: number;
  readonly receivedAt: EpochMs;
  /** If true, the receive counts when the lock runs out. */
  readonly counted: boolean;
  until: EpochMs;
  expired: boolean;
  leaving: boolean;
  /** Set in the state *settling*: resolves when the change has been stored or has failed. Never rejects. */
  settling: Promise<unknown> | undefined;
}

/** Returns a promise that resolves when none of these locks is being settled; `undefined` if none is now. */
export function settlingOf(locks: readonly (Lock<unknown> | LockProblem)[]): Promise<unknown> | undefined {
  const settling = new Set<Promise<unknown>>();
  for (const lock of locks) if (typeof lock === "object" && lock.settling !== undefined) settling.add(lock.settling);
  return settling.size === 0 ? undefined : Promise.all(settling);
}

/** Options of a receive that apply to its locks. */
export type LockOptions = Pick<ReceiveOptions, "now" | "lockMs" | "counted">;

/** Returns whether a lock may be renewed, by the rule of `DeliveryQueue.renewLock`. */
export function isRenewable({ receivedAt }: Lock<unknown>, { receivedSince = receivedAt }: RenewLockOptions): boolean {
  return receivedAt >= receivedSince;
}

/** Locks that run out at the same time. */
interface LocksEnd<D> {
  readonly at: EpochMs;
  readonly locks: Lock<D>[];
}

/** Reason why a token cannot be settled. */
export type LockProblem = "lock-lost" | "unknown-token";

/**
 * The locks of one queue, in memory. When the process ends, the locks are lost and their deliveries wait again.
 *
 * A token contains its delivery's arrival number and the lock's own number, so the table keeps no lost locks. A token
 * with a lost lock is `lock-lost` as long as the delivery has a newer lock or has not been settled; afterwards it is an
 * `unknown-token`. Measured in docs/hot-path.md.
 */
export class LockTable<D> {
  readonly #prefix: string;
  readonly #locks = new Map<number, Lock<D>>();
  /** Locks by the time of their end. A lock that was removed or renewed is skipped when its entry comes up. */
  readonly #ends = new MinHeap<LocksEnd<D>>((one, other) => one.at < other.at);
  /** The entry that was added last. Most locks end at the same time as the lock before them. */
  #latestEnd: LocksEnd<D> | undefined;
  #held = 0;
  #leaving = 0;
  #taken = 0;

  /** @param prefix start of every token; differs between runs, so that tokens of earlier runs are unknown */
  constructor(prefix: string) {
    this.#prefix = `${prefix}-`;
  }

  /** Number of locks that had not run out at the last call of {@link expire}. */
  get held(): number {
    return this.#held;
  }

  /** Number of locks whose deliveries have ended but are still stored. */
  get leaving(): number {
    return this.#leaving;
  }

  /** Returns whether a delivery is locked and must not be received. */
  isLocked(sequence: number): boolean {
    const lock = this.#locks.get(sequence);
    return lock !== undefined && (!lock.expired || lock.settling !== undefined);
  }

  /** Returns when the lock of a delivery ends; `undefined` if it is not locked. */
  lockedUntil(sequence: number): EpochMs | undefined {
    const lock = this.#locks.get(sequence);
    return lock === undefined || lock.expired ? undefined : lock.until;
  }

  /** Returns whether a delivery has ended but is still stored. */
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

  /** Returns the lock that a token names if it is valid at `now` or is being settled. */
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

  /** Marks the delivery of a held lock as ended. It stays locked until it is deleted from the store. */
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

  /** Ends all locks that have run out at `now`. Returns those whose deliveries wait again. */
  expire(now: EpochMs): Lock<D>[] {
    const expired: Lock<D>[] = [];
    for (let first = this.#firstEnd(); first !== undefined && first.at <= now; first = this.#firstEnd()) {
      for (const lock of first.locks) {
        // A lock that was renewed twice to the same time has two entries.
        if (!this.#endsAt(lock, first.at)) continue;
        lock.expired = true;
        this.#held -= 1;
        if (lock.settling === undefined) expired.push(lock);
      }
    }
    return expired;
  }

  /** Returns when the next lock runs out; `undefined` if none is held. */
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

  /** Returns the earliest time at which a lock runs out, with the locks of that time. */
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
