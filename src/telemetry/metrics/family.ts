import type { ExpositionWriter, FamilyType } from "./exposition.ts";
import type { Histogram } from "./histogram.ts";
import type { Tally } from "./tally.ts";

/** A count of one series: a number, numbers by the values of one further dimension, or durations. */
export type Metric = number | Tally | Histogram | undefined;

/** A family of metrics: the same count of every series. */
export interface Family<Series> {
  readonly name: string;
  readonly type: FamilyType;
  /** One line; begins with the name that Azure Monitor has for it. */
  readonly help: string;
  /** Writes the samples of one series; none if it has counted nothing. */
  readonly write: (writer: ExpositionWriter, series: Series) => void;
}

/** The families of a class of series: one for each of its counts. */
export type Families<Series> = {
  readonly [Name in keyof Series as Series[Name] extends Metric ? Name : never]: Family<Series>;
};

/** Writes every family with the samples of all series. */
export function writeFamilies<Series>(
  writer: ExpositionWriter,
  families: Families<Series>,
  series: readonly Series[],
): void {
  for (const { name, type, help, write } of Object.values<Family<Series>>(families)) {
    writer.family(name, type, help);
    for (const each of series) write(writer, each);
  }
}
