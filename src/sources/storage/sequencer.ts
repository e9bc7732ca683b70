import type { Clock } from "../../ports/clock.ts";

/** Digits for the time, and for the count within one millisecond; together as long as the service's own. */
const TIME_DIGITS = 32;
const COUNT_DIGITS = 16;

/**
 * Hands out strings of 48 lower-case hex digits, each greater than all before it. Made of the clock's milliseconds
 * and a count, they keep growing over restarts. While the clock stands behind an instant already used they count on
 * from that instant; only a restart after the clock was set back starts lower, until the clock has caught up: for
 * that time a handler that compares sequencers takes events of a blob written before for the newer ones.
 * Source: [EG-STORAGE-SEQUENCER]
 */
export function createSequencer(clock: Clock): () => string {
  let lastMs = 0;
  let count = 0;
  return () => {
    const now = Math.floor(clock.now());
    count = now > lastMs ? 0 : count + 1;
    lastMs = Math.max(lastMs, now);
    return lastMs.toString(16).padStart(TIME_DIGITS, "0") + count.toString(16).padStart(COUNT_DIGITS, "0");
  };
}
