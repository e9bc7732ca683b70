import { onAbort } from "../core/on-abort.ts";
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

  /** @param start the first instant; 2026-01-01T00:00:00Z unless given */
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

  /** When the first sleeper wakes; `undefined` while nobody sleeps towards an instant. */
  nextWakeAt(): EpochMs | undefined {
    const next = Math.min(...Array.from(this.#sleepers, ({ at }) => at));
    return Number.isFinite(next) ? next : undefined;
  }

  /** Moves to `at`, back as well as forth, and wakes whoever waited for it or for an earlier instant. */
  moveTo(at: EpochMs): void {
    this.#now = at;
    const due = [...this.#sleepers].filter((sleeper) => sleeper.at <= at);
    for (const sleeper of due.toSorted((one, other) => one.at - other.at)) sleeper.wake();
  }
}

/**
 * Lets `ms` of virtual time pass, stopping at every instant somebody waits for until all that became due there is
 * done: a 24-hour retry schedule passes in milliseconds, with its attempts at the exact times.
 *
 * @param idle resolves when nothing is under way
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

/** Whoever was woken gets to run before idleness is asked for. */
async function settle(idle: () => Promise<void>): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await idle();
}
