import type { Contender, Sample } from "./contender.ts";

/** A figure that is reported for each run. */
export interface FigureDefinition {
  /** Default: the name of the scenario. */
  readonly name?: string;
  readonly unit: string;
  readonly value: (sample: Sample) => number;
  /** Process whose processor time is reported next to the figure. Default: the measured one. */
  readonly process?: string;
  /** A goal that does not depend on a baseline, such as `≤ 2 ms`. */
  readonly target?: string;
}

/** A server that does less than the product, for comparison. */
export interface Baseline {
  readonly name: string;
  /** Name of the process that represents it. Default: the name of the baseline. */
  readonly process?: string;
  readonly start: () => Promise<Contender>;
  /** The product's goal relative to this baseline, such as `≥ 0.60 of bare`. */
  readonly target?: string;
}

/** One load on the product, with the baselines for comparison. */
export interface Scenario {
  readonly name: string;
  /** Process whose processor time is measured. Default: the product's. */
  readonly process?: string;
  /** Starts the contender for a build of the product. `program` is the script that Node starts. */
  readonly startProduct: (program: string) => Promise<Contender>;
  readonly baselines: readonly Baseline[];
  readonly figures: readonly FigureDefinition[];
}
