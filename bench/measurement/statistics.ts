/** Bounds of a value. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Returns the median; `NaN` for no values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Probability that the interval of `medianInterval` contains the true median. */
const CONFIDENCE = 0.95;

/**
 * Returns an interval that contains the true median with a confidence of 95 %, or `undefined` for fewer than six
 * values. Its bounds are two of the values. It assumes nothing about their distribution: a few outliers do not
 * affect it.
 */
export function medianInterval(values: readonly number[]): Interval | undefined {
  const sorted = values.toSorted((one, other) => one - other);
  const count = sorted.length;
  // Each value is below the median with a probability of one half. `cut` is the number of values to cut off at each
  // end.
  let cut = 0;
  let probability = 0.5 ** count;
  let tail = probability;
  while (tail <= (1 - CONFIDENCE) / 2) {
    cut += 1;
    probability *= (count - cut + 1) / cut;
    tail += probability;
  }
  const low = sorted[cut - 1];
  const high = sorted[count - cut];
  return low === undefined || high === undefined ? undefined : { low, high };
}
