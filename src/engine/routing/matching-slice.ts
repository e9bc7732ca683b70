import { setImmediate } from "node:timers/promises";

/**
 * Amount of work before other requests have their turn, in bytes of an event times values that a filter compares it
 * with: about 10 ms. A single filter at its limits takes a few times as long with the largest event.
 */
const SLICE = 8_000_000;

/** Work for a filter that compares only the event type and the subject. */
const WORK_PER_FILTER = 100;

/** Returns the work of evaluating one filter, which may compare every byte of the event with each of its comparands. */
export function matchingWork(comparands: number, eventBytes: number): number {
  return WORK_PER_FILTER + eventBytes * comparands;
}

/**
 * Measures the work of matching the events of one request. A router adds the work of each filter and pauses when the
 * slice is over, so that a large request with expensive filters does not delay others. Source: [EG-FILTER-SLICES]
 */
export class MatchingSlice {
  #left = SLICE;

  /** Whether the caller should pause now. */
  get isOver(): boolean {
    return this.#left <= 0;
  }

  /** Adds the work of evaluating one filter. */
  spend(work: number): void {
    this.#left -= work;
  }

  /** Resolves after the event loop has run everything that was due, and starts a new slice. */
  async pause(): Promise<void> {
    await setImmediate();
    this.#left = SLICE;
  }
}
