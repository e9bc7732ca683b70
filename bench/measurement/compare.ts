import { PRODUCT } from "../servers/product.ts";
import { microsecondsPerEvent, type Contender, type Sample } from "./contender.ts";
import type { FigureDefinition, Scenario } from "./scenario.ts";
import { median, medianInterval, type Interval } from "./statistics.ts";

/** Options for comparing two builds of the product. */
export interface CompareOptions {
  /** Program of the build before the change, for Node to start. */
  readonly before: string;
  readonly after: string;
  /** Approximate processor time of one run of one build. */
  readonly seconds: number;
  /** Number of runs of each build in a round. */
  readonly runs: number;
  /** The comparison is settled once the upper end of its interval is less than this multiple of the lower end. */
  readonly bound: number;
  readonly maxRounds: number;
  readonly onRound: (comparison: Comparison) => void;
}

/** Processor time of an event in one build, as a multiple of that in another. */
export interface Comparison {
  readonly name: string;
  readonly figures: readonly FigureDefinition[];
  /** Ratio of after to before in each round. */
  readonly ratios: readonly number[];
  readonly ratio: number;
  /** Interval that contains the true ratio with a confidence of 95 %; unset while there are too few rounds. */
  readonly interval?: Interval;
  /** Whether the interval is narrower than the bound. */
  readonly settled: boolean;
  readonly before: readonly Sample[];
  readonly after: readonly Sample[];
}

/**
 * Compares two builds by the processor time of an event, round by round, until the ratio is known accurately or the
 * maximum number of rounds is reached.
 *
 * Other programs, the processor's clock and its shared caches change the cost of an event from one second to the
 * next by far more than the difference to be measured. Therefore, a round gives both builds the same requests in
 * many short, alternating runs: a disturbance of one run affects its neighbor as well. The length of runs is in
 * processor time, so that they take longer on a busy machine, and do not become smaller. Each round starts new
 * processes, because the code that V8 happened to generate stays with a process. The rounds are thus independent,
 * and single disturbed rounds do not affect their median.
 */
export async function compare(scenario: Scenario, options: CompareOptions): Promise<Comparison> {
  const rounds: RoundSamples[] = [];
  let comparison = comparisonOf(scenario, rounds, options.bound);
  while (!comparison.settled && rounds.length < options.maxRounds) {
    rounds.push(await runRound(scenario, options, rounds.length % 2 === 0));
    comparison = comparisonOf(scenario, rounds, options.bound);
    options.onRound(comparison);
  }
  return comparison;
}

/** The runs of two builds in one round. */
export interface RoundSamples {
  readonly before: readonly Sample[];
  readonly after: readonly Sample[];
}

/**
 * Runs both builds in turn. `beforeFirst` alternates, so that neither build gains from being started or measured first.
 */
async function runRound(scenario: Scenario, options: CompareOptions, beforeFirst: boolean): Promise<RoundSamples> {
  const samples = { before: [] as Sample[], after: [] as Sample[] };
  const order = beforeFirst ? (["before", "after"] as const) : (["after", "before"] as const);
  const running: { contender: Contender; samples: Sample[]; microseconds: number }[] = [];
  for (const build of order) {
    const contender = await scenario.startProduct(options[build]);
    const { microseconds } = await contender.warmUp();
    running.push({ contender, samples: samples[build], microseconds });
  }
  const slower = Math.max(...running.map(({ microseconds }) => microseconds));
  const requests = Math.max(1, Math.round((options.seconds * 1_000_000) / slower));
  for (let run = 0; run < options.runs; run += 1) {
    for (const turn of running) turn.samples.push(await turn.contender.run(requests));
    running.reverse();
  }
  await Promise.all(running.map(({ contender }) => contender.stop()));
  return samples;
}

/** Returns the comparison of two builds from their rounds. */
export function comparisonOf(
  { name, figures }: Pick<Scenario, "name" | "figures">,
  rounds: readonly RoundSamples[],
  bound: number,
): Comparison {
  const total = (samples: readonly Sample[]): number =>
    samples.reduce((sum, sample) => sum + microsecondsPerEvent(sample, PRODUCT), 0);
  const ratios = rounds.map(({ before, after }) => total(after) / total(before));
  const interval = medianInterval(ratios);
  return {
    name,
    figures,
    ratios,
    ratio: median(ratios),
    ...(interval === undefined ? {} : { interval }),
    settled: interval !== undefined && interval.high / interval.low < bound,
    before: rounds.flatMap(({ before }) => before),
    after: rounds.flatMap(({ after }) => after),
  };
}
