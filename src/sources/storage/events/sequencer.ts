import type { Clock } from "../../../ports/clock.ts";

/**
 * Hex digits for the time, and for the count within one millisecond. Together they are as long as the service's own.
 */
const TIME_DIGITS = 32;
const COUNT_DIGITS = 16;

/**
 * Creates a generator of increasing strings of 48 lower-case hex digits, made of the clock's milliseconds and a
 * count, so that they keep increasing after a restart. While the clock is behind an instant that was used already,
 * the count continues from that instant. Only a restart after the clock was set back begins lower: until the clock
 * has caught up, a handler that compares sequencers takes older events of a blob for newer ones.
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
