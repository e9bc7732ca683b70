import { RingmainError } from "../core/errors.ts";

/** Limits on concurrent work. */
export interface PlaceLimits {
  readonly places: number;
  /** Maximum number of places for one caller. */
  readonly placesPerCaller: number;
  /** Maximum number of callers that wait for a place, and their maximum wait. */
  readonly waiting: number;
  readonly waitMs: number;
}

/** Releases a place. Idempotent. */
export type LeavePlace = () => void;

interface Waiting {
  readonly caller: string;
  admit(): void;
}

/**
 * A limited number of places for expensive work. One caller cannot occupy all of them. If no place is free, callers
 * wait for a while, in order of arrival.
 */
export class Places {
  readonly #limits: PlaceLimits;
  readonly #taken = new Map<string, number>();
  readonly #waiting = new Set<Waiting>();
  #free: number;

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
    this.#free = limits.places;
  }

  /**
   * Resolves when a place is assigned. Rejects with `too_many_requests` if too many callers wait, or after the
   * maximum wait.
   */
  async enter(caller: string): Promise<LeavePlace> {
    if (!this.#isOpenTo(caller)) await this.#wait(caller);
    else this.#admit(caller);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#leave(caller);
    };
  }

  #isOpenTo(caller: string): boolean {
    return this.#free > 0 && (this.#taken.get(caller) ?? 0) < this.#limits.placesPerCaller;
  }

  #admit(caller: string): void {
    this.#free -= 1;
    this.#taken.set(caller, (this.#taken.get(caller) ?? 0) + 1);
  }

  #wait(caller: string): Promise<void> {
    const { waiting, waitMs, places } = this.#limits;
    const tooMany = (): RingmainError =>
      new RingmainError(
        "too_many_requests",
        `The limit of ${places} concurrent deployments, or the limit per caller, has been reached. Send the request again later.`,
      );
    if (this.#waiting.size >= waiting) return Promise.reject(tooMany());
    return new Promise((resolve, reject) => {
      const entry: Waiting = {
        caller,
        admit() {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(entry);
        reject(tooMany());
      }, waitMs);
      this.#waiting.add(entry);
    });
  }

  #leave(caller: string): void {
    const left = (this.#taken.get(caller) ?? 0) - 1;
    if (left > 0) this.#taken.set(caller, left);
    else this.#taken.delete(caller);
    this.#free += 1;
    for (const entry of this.#waiting) {
      if (!this.#isOpenTo(entry.caller)) continue;
      this.#waiting.delete(entry);
      this.#admit(entry.caller);
      entry.admit();
    }
  }
}
