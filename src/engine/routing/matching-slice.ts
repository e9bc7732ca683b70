import { setImmediate } from "node:timers/promises";

/**
 * Work done before other requests have their turn, in bytes of an event times values that a filter compares it with:
 * about 10 ms. A single filter at its limits takes a few times that with the largest event.
 */
const SLICE = 8_000_000;

/** Of a filter that compares with nothing but the event's type and subject. */
const WORK_PER_FILTER = 100;

/** Returns the work of looking at one filter: it may compare every byte of the event with each of its comparands. */
export function matchingWork(comparands: number, eventBytes: number): number {
  return WORK_PER_FILTER + eventBytes * comparands;
}

/**
 * Measures the work of matching the events of one request. A router charges for each filter and pauses when the slice
 * is over, so that a large request with expensive filters does not hold up others. Source: [EG-FILTER-SLICES]
 */
export class MatchingSlice {
  #left = SLICE;

  /** Whether it is time for a pause. */
  get isOver(): boolean {
    return this.#left <= 0;
  }

  /** Charges for looking at one filter. */
  spend(work: number): void {
    this.#left -= work;
  }

  /** Resolves after the event loop has served everything that was due, and begins a new slice. */
  async pause(): Promise<void> {
    await setImmediate();
    this.#left = SLICE;
  }
}
