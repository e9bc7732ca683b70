/** A range of numbers, both ends inclusive. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/**
 * Map from ranges to values: a balanced tree ordered by the lower ends, in which each subtree knows its highest upper
 * end. Finding the k ranges that contain a number takes about k + log n steps.
 */
export class RangeTree<Value> {
  readonly #entries: readonly (readonly [Range, Value])[];
  /** Highest upper end of the subtree whose middle is at this index. */
  readonly #highest: Float64Array;

  constructor(entries: readonly (readonly [Range, Value])[]) {
    this.#entries = entries.toSorted(([one], [other]) => (one.low < other.low ? -1 : Number(one.low > other.low)));
    this.#highest = new Float64Array(entries.length);
    this.#measure(0, entries.length);
  }

  /** Calls `visit` with the value of each range that contains `number`. */
  visitAround(number: number, visit: (value: Value) => void): void {
    this.#visit(number, visit, 0, this.#entries.length);
  }

  #measure(start: number, end: number): number {
    const middle = (start + end) >>> 1;
    const entry = this.#entries[middle];
    if (start >= end || entry === undefined) return Number.NEGATIVE_INFINITY;
    const highest = Math.max(entry[0].high, this.#measure(start, middle), this.#measure(middle + 1, end));
    this.#highest[middle] = highest;
    return highest;
  }

  #visit(number: number, visit: (value: Value) => void, start: number, end: number): void {
    const middle = (start + end) >>> 1;
    const entry = this.#entries[middle];
    if (start >= end || entry === undefined || (this.#highest[middle] ?? 0) < number) return;
    this.#visit(number, visit, start, middle);
    const [{ low, high }, value] = entry;
    if (low > number) return;
    if (number <= high) visit(value);
    this.#visit(number, visit, middle + 1, end);
  }
}
