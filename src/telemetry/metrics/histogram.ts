import type { ExpositionWriter } from "./exposition.ts";

/** Upper bounds in seconds, from the clock's resolution to the longest attempt. */
const BOUNDS: readonly number[] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Counts durations in buckets. */
export class Histogram {
  /** Counts by bound. The last one counts durations above all bounds. */
  readonly #counts: number[] = Array.from({ length: BOUNDS.length + 1 }, () => 0);
  #sumMs = 0;

  observe(ms: number): void {
    // Negative if the clock was set back meanwhile.
    const seconds = Math.max(0, ms) / 1_000;
    let bucket = 0;
    while (bucket < BOUNDS.length && seconds > (BOUNDS[bucket] ?? 0)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sumMs += Math.max(0, ms);
  }

  /** Writes the buckets, cumulative as the format requires, the sum and the count. */
  write(writer: ExpositionWriter, labels: string): void {
    const prefix = labels === "" ? "" : `${labels},`;
    let total = 0;
    for (const [index, count] of this.#counts.entries()) {
      total += count;
      writer.sample(`${prefix}le="${BOUNDS[index] ?? "+Inf"}"`, total, "_bucket");
    }
    writer.sample(labels, this.#sumMs / 1_000, "_sum");
    writer.sample(labels, total, "_count");
  }
}
