import type { Clock } from "../ports/clock.ts";

/** The longest delay a timer takes; longer ones would fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * The wall clock. Waits are measured by timers, so a clock set back or forward is noticed when the timer fires: a
 * sleeper never wakes before `now() >= at`.
 */
export const systemClock: Clock = {
  now: () => Date.now(),

  async sleepUntil(at, signal) {
    signal.throwIfAborted();
    while (Date.now() < at) await pause(Math.min(at - Date.now(), MAX_TIMER_MS), signal);
  },
};

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
