import { onAbort } from "../../core/async/on-abort.ts";
import type { Clock } from "../../ports/clock.ts";

/**
 * Longest delay of one timer. Timers do not notice when the clock is set, so this is the longest time until a sleeper
 * does. (Node's own maximum is 24 days.)
 */
const MAX_TIMER_MS = 30_000;

/**
 * The wall clock. It waits with timers of at most half a minute: when the clock is set forward, sleepers wake within that
 * time; when it is set back, a sleeper never wakes before `now() >= at`.
 */
export const systemClock: Clock = {
  now: () => Date.now(),

  async sleepUntil(at, signal) {
    do {
      signal.throwIfAborted();
      if (Date.now() < at) await pause(Math.min(at - Date.now(), MAX_TIMER_MS), signal);
    } while (Date.now() < at);
  },
};

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const removeListener = onAbort(signal, () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
    const timer = setTimeout(() => {
      removeListener();
      resolve();
    }, ms);
  });
}
