import type { ExpositionWriter } from "./exposition.ts";

/** Counts by the values of one further dimension. */
export class Tally {
  readonly #counts = new Map<string, number>();

  /**
   * Adds to the count of a dimension's value.
   *
   * @param labels result of `labelText`, with few different values
   */
  add(labels: string, count: number): void {
    this.#counts.set(labels, (this.#counts.get(labels) ?? 0) + count);
  }

  /** Writes the counts as samples of a series with these labels. */
  write(writer: ExpositionWriter, labels: string): void {
    for (const [more, count] of this.#counts.entries()) writer.sample(`${labels},${more}`, count);
  }
}
