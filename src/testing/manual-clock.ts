import { onAbort } from "../core/async/on-abort.ts";
import type { EpochMs } from "../core/time.ts";
import type { Clock } from "../ports/clock.ts";

interface Sleeper {
  readonly at: EpochMs;
  readonly wake: () => void;
}

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  #now: EpochMs;
  readonly #sleepers = new Set<Sleeper>();

  /** @param start the initial time; 2026-01-01T00:00:00Z by default */
  constructor(start: EpochMs = 1_767_225_600_000) {
    this.#now = start;
  }

  now(): EpochMs {
    return this.#now;
  }

  sleepUntil(at: EpochMs, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (at <= this.#now) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const forget = onAbort(signal, () => {
        this.#sleepers.delete(sleeper);
        reject(signal.reason);
      });
      const wake = (): void => {
        this.#sleepers.delete(sleeper);
        forget();
        resolve();
      };
      const sleeper: Sleeper = { at, wake };
      this.#sleepers.add(sleeper);
    });
  }

  /** Returns the time at which the next sleeper wakes, or `undefined` if there are no sleepers. */
  nextWakeAt(): EpochMs | undefined {
    const next = Math.min(...Array.from(this.#sleepers, ({ at }) => at));
    return Number.isFinite(next) ? next : undefined;
  }

  /** Moves the clock to `at`, forward or backward, and wakes all sleepers whose time has come, in order. */
  moveTo(at: EpochMs): void {
    this.#now = at;
    const due = [...this.#sleepers].filter((sleeper) => sleeper.at <= at);
    for (const sleeper of due.toSorted((one, other) => one.at - other.at)) sleeper.wake();
  }
}

/**
 * Advances the clock by `ms`. Stops at each time for which a sleeper waits, until all work that became due is done.
 * A 24-hour retry schedule thus takes milliseconds, with its attempts at the exact times.
 *
 * @param idle resolves when no work is in progress
 */
export async function fastForward(clock: ManualClock, idle: () => Promise<void>, ms: number): Promise<void> {
  const target = clock.now() + ms;
  for (;;) {
    await settle(idle);
    const next = clock.nextWakeAt();
    if (next === undefined || next > target) break;
    clock.moveTo(next);
  }
  clock.moveTo(target);
  await settle(idle);
}

/** Lets woken sleepers run before it waits for idleness. */
async function settle(idle: () => Promise<void>): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await idle();
}
