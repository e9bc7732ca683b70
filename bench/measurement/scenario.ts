import type { Contender, Sample } from "./contender.ts";

/** A figure that is reported for each run. */
export interface FigureDefinition {
  /** Unset means the name of the scenario. */
  readonly name?: string;
  readonly unit: string;
  readonly value: (sample: Sample) => number;
  /** The process whose processor time is reported beside it; unset means the one that is measured. */
  readonly process?: string;
  /** A goal that does not depend on a baseline: `≤ 2 ms`. */
  readonly target?: string;
}

/** A server that does less than the product, to compare it with. */
export interface Baseline {
  readonly name: string;
  /** The process that stands for it; unset means that it is called like the baseline. */
  readonly process?: string;
  readonly start: () => Promise<Contender>;
  /** The goal of the product against this baseline: `≥ 0.60 of bare`. */
  readonly target?: string;
}

/** One load on the product, with what it is compared with. */
export interface Scenario {
  readonly name: string;
  /** The process whose processor time counts; unset means the product's. */
  readonly process?: string;
  /** Starts what a given build of the product is measured by; `program` is what node starts. */
  readonly startProduct: (program: string) => Promise<Contender>;
  readonly baselines: readonly Baseline[];
  readonly figures: readonly FigureDefinition[];
}
