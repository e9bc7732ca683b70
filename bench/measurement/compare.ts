import { PRODUCT } from "../servers/product.ts";
import { microsecondsPerEvent, type Contender, type Sample } from "./contender.ts";
import type { FigureDefinition, Scenario } from "./scenario.ts";
import { median, medianInterval, type Interval } from "./statistics.ts";

/** Two builds of the product, and when to stop comparing them. */
export interface CompareOptions {
  /** What node starts. */
  readonly before: string;
  readonly after: string;
  /** About how much processor time one run of one build takes. */
  readonly seconds: number;
  /** How many runs of each build a round has. */
  readonly runs: number;
  /** The ratio is known well enough when the upper end of its interval is less than so many times the lower one. */
  readonly bound: number;
  readonly maxRounds: number;
  readonly onRound: (comparison: Comparison) => void;
}

/** The processor time that one build takes for an event, as a multiple of what another takes. */
export interface Comparison {
  readonly name: string;
  readonly figures: readonly FigureDefinition[];
  /** After divided by before, of each round. */
  readonly ratios: readonly number[];
  readonly ratio: number;
  /** Holds the true ratio with a confidence of 95 %; unset while there are too few rounds. */
  readonly interval?: Interval;
  /** Whether the interval is narrower than the bound. */
  readonly settled: boolean;
  readonly before: readonly Sample[];
  readonly after: readonly Sample[];
}

/**
 * Compares two builds by the processor time of an event, round by round, until the ratio is known well enough or there
 * have been enough rounds.
 *
 * Other programs, the clock of the processor and what shares its caches change what an event costs from one second to
 * the next, by far more than the difference that is looked for. So a round gives both builds the same requests, in many
 * short runs that alternate: what disturbs one of them disturbs its neighbour. Their length goes by processor time, so
 * that a busy machine makes them take longer and not smaller. Each round starts processes of its own,
 * since how V8 happened to compile a program stays with a process; the rounds are independent of each other, and their
 * median is not moved by single ones that were disturbed.
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

/** Runs both builds in turn; `beforeFirst` alternates, so that neither gains from being started or measured first. */
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

/** Returns what rounds say of two builds. */
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
