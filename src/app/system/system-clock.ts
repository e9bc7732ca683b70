import { onAbort } from "../../core/async/on-abort.ts";
import type { Clock } from "../../ports/clock.ts";

/**
 * Timers do not follow when the clock is set: so far behind it is noticed. (They also have a longest delay, of 24 days.)
 */
const MAX_TIMER_MS = 30_000;

/**
 * The wall clock. Waits are measured by timers of at most half a minute: a clock set forward wakes its sleepers
 * within that time, and with one set back a sleeper never wakes before `now() >= at`.
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
    const forget = onAbort(signal, () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
    const timer = setTimeout(() => {
      forget();
      resolve();
    }, ms);
  });
}
