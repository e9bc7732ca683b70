import type { LockToken } from "../core/delivery.ts";
import type { EpochMs } from "../core/time.ts";
import { MinHeap } from "./min-heap.ts";

/**
 * The lock on one delivery.
 *
 * *held* → *settling* (a change that ends it is being stored) → gone, or *held* again when that failed.
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
  until: EpochMs;
  expired: boolean;
  /** While settling: resolves, never rejects, once it is known what became of it. */
  settling: Promise<unknown> | undefined;
}

/** Why a token cannot be settled. */
export type LockProblem = "lock-lost" | "unknown-token";

/**
 * The locks of one queue, in memory: when the process ends, all are gone and their deliveries wait again.
 *
 * A token names its delivery, so nothing is kept about locks that were lost: as long as the delivery has a newer lock,
 * or has not been settled since this one ran out, the answer is `lock-lost`; afterwards `unknown-token`.
 */
export class LockTable<D> {
  readonly #prefix: string;
  readonly #locks = new Map<number, Lock<D>>();
  /** One entry a lock and time; an entry whose lock is gone or was prolonged is passed over when it surfaces. */
  readonly #ends = new MinHeap<{ readonly at: EpochMs; readonly lock: Lock<D> }>((one, other) => one.at < other.at);
  #held = 0;
  #taken = 0;

  /** @param prefix begins every token; unlike in any other run, so that tokens of earlier ones are unknown */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Locks that have not run out, as far as {@link expire} was told of the time. */
  get held(): number {
    return this.#held;
  }

  /** Whether a delivery is locked (and may not be given out). */
  isLocked(sequence: number): boolean {
    const lock = this.#locks.get(sequence);
    return lock !== undefined && (!lock.expired || lock.settling !== undefined);
  }

  /** Locks a delivery that is not locked. */
  take(sequence: number, delivery: D, until: EpochMs): Lock<D> {
    const number = (this.#taken += 1);
    const token = `${this.#prefix}-${sequence.toString(36)}-${number.toString(36)}` as LockToken;
    const lineage = this.#locks.get(sequence)?.lineage ?? number;
    const lock: Lock<D> = { token, sequence, delivery, lineage, number, until, expired: false, settling: undefined };
    this.#locks.set(sequence, lock);
    this.#ends.push({ at: until, lock });
    this.#held += 1;
    return lock;
  }

  /** The lock a token proves at `now`, even while it is settling. */
  find(token: LockToken, now: EpochMs): Lock<D> | LockProblem {
    const [prefix, sequence, number] = token.split("-");
    if (prefix !== this.#prefix || sequence === undefined || number === undefined) return "unknown-token";
    const lock = this.#locks.get(Number.parseInt(sequence, 36));
    if (lock === undefined) return "unknown-token";
    if (lock.token === token) {
      return lock.settling === undefined && (lock.expired || lock.until <= now) ? "lock-lost" : lock;
    }
    const earlier = Number.parseInt(number, 36);
    return earlier >= lock.lineage && earlier < lock.number ? "lock-lost" : "unknown-token";
  }

  renew(lock: Lock<D>, until: EpochMs): void {
    lock.until = until;
    this.#ends.push({ at: until, lock });
  }

  /** Removes a lock whose delivery has been settled. */
  end(lock: Lock<D>): void {
    if (this.#locks.get(lock.sequence) !== lock) return;
    this.#locks.delete(lock.sequence);
    if (!lock.expired) this.#held -= 1;
  }

  /** Ends every lock that has run out at `now` and answers those whose deliveries wait again. */
  expire(now: EpochMs): Lock<D>[] {
    const expired: Lock<D>[] = [];
    for (let next = this.#firstEnd(); next !== undefined && next.at <= now; next = this.#firstEnd()) {
      this.#ends.pop();
      next.lock.expired = true;
      this.#held -= 1;
      if (next.lock.settling === undefined) expired.push(next.lock);
    }
    return expired;
  }

  /** When the next lock runs out; `undefined` when none is held. */
  earliestEnd(): EpochMs | undefined {
    return this.#firstEnd()?.at;
  }

  #firstEnd(): { readonly at: EpochMs; readonly lock: Lock<D> } | undefined {
    for (;;) {
      const first = this.#ends.peek();
      if (first === undefined) return undefined;
      const { at, lock } = first;
      if (!lock.expired && lock.until === at && this.#locks.get(lock.sequence) === lock) return first;
      this.#ends.pop();
    }
  }
}
