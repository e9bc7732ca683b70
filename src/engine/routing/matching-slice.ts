import { setImmediate } from "node:timers/promises";

/**
 * Work that is done without letting anything else have its turn, in bytes of an event times values that a filter compares
 * it with: 10 ms or so. One filter at its limits, with an event as large as may be, takes a few times that.
 */
const SLICE = 8_000_000;

/** Of a filter that compares with nothing but the event's type and subject. */
const WORK_PER_FILTER = 100;

/** Returns the work of looking at one filter: it may compare every byte of the event with each of its comparands. */
export function matchingWork(comparands: number, eventBytes: number): number {
  return WORK_PER_FILTER + eventBytes * comparands;
}

/**
 * Measures the work of matching for one request, so that a large one with many expensive filters makes no others wait:
 * whoever matches charges for it, and pauses when the slice is over. Source: [EG-FILTER-SLICES]
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

  /** Resolves when everything else that was due has had its turn; then a new slice begins. */
  async pause(): Promise<void> {
    await setImmediate();
    this.#left = SLICE;
  }
}
