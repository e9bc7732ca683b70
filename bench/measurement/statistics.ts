/** Bounds that a value lies between. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Returns the median; `NaN` of no values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** How surely the interval that `medianInterval` returns holds the true median. */
const CONFIDENCE = 0.95;

/**
 * Returns the interval that holds the true median with a confidence of 95 %, or nothing of fewer than six values. It is
 * bounded by two of the values, and supposes nothing about how they are distributed: a few rounds that something else
 * disturbed do not move it, however far out they lie.
 */
export function medianInterval(values: readonly number[]): Interval | undefined {
  const sorted = values.toSorted((one, other) => one - other);
  const count = sorted.length;
  // Each value lies below the median with a probability of one half; so many may be cut off at each end.
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
