import { eventsPerSecond, microsecondsPerEvent, type Sample } from "../measurement/contender.ts";
import type { ContenderSamples, Measurement } from "../measurement/measure.ts";
import type { FigureDefinition } from "../measurement/scenario.ts";
import { median } from "../measurement/statistics.ts";

/** One figure of one contender. */
export interface Rounds {
  /** The value in each round. */
  readonly rounds: readonly number[];
  /** Processor time of the contender's own process for each event, in microseconds. */
  readonly microseconds?: number;
}

/** A row of the report: the product's figure and, if there is one, that of its baseline. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly product: Rounds;
  readonly baseline?: Rounds & { readonly name: string };
  readonly target?: string;
}

/** Processor time of one process for each event in microseconds, as medians of the rounds. */
export interface ProcessUsage {
  readonly process: string;
  readonly microseconds: number;
  readonly threads: readonly { readonly name: string; readonly threads: number; readonly microseconds: number }[];
}

/** Processor time of all processes that take part in measuring one contender. */
export interface Usage {
  readonly name: string;
  readonly contender: string;
  readonly processes: readonly ProcessUsage[];
}

/** All results of a case. */
export interface Report {
  readonly figures: readonly Figure[];
  readonly usages: readonly Usage[];
}

/** Events per second in wall-clock time. */
export const EVENTS_PER_SECOND: FigureDefinition = { unit: "events/s", value: eventsPerSecond };

/** Returns figures for each reported value: one for each baseline, or one if there is none. */
export function reportOf({ name: measured, figures: definitions, product, baselines }: Measurement): Report {
  const figures = definitions.flatMap(({ name = measured, unit, value, process, target }) => {
    const rounds = (contender: ContenderSamples): Rounds => roundsOf(contender, value, process);
    const figure = { name, unit, product: rounds(product), ...(target === undefined ? {} : { target }) };
    if (baselines.length === 0) return [figure];
    return baselines.map((baseline): Figure => {
      const goal = target ?? baseline.target;
      return {
        ...figure,
        baseline: { name: baseline.contender, ...rounds(baseline) },
        ...(goal === undefined ? {} : { target: goal }),
      };
    });
  });
  return { figures, usages: [product, ...baselines].map((samples) => usageOf(measured, samples)) };
}

/** Joins the reports of several scenarios or cases. */
export function joinReports(reports: readonly Report[]): Report {
  return { figures: reports.flatMap(({ figures }) => figures), usages: reports.flatMap(({ usages }) => usages) };
}

function roundsOf(
  { process: measured, samples }: ContenderSamples,
  value: (sample: Sample) => number,
  process: string = measured,
): Rounds {
  const microseconds = median(samples.map((sample) => microsecondsPerEvent(sample, process)));
  return { rounds: samples.map(value), ...(Number.isNaN(microseconds) ? {} : { microseconds }) };
}

/** Returns the processor time by process and by thread, as medians of samples. */
export function usageOf(name: string, { contender, samples }: ContenderSamples): Usage {
  const [first] = samples;
  return {
    name,
    contender,
    processes: (first?.processorTimes ?? []).map(({ process }) => processUsage(process, samples)),
  };
}

function processUsage(process: string, samples: readonly Sample[]): ProcessUsage {
  const threadsOf = (sample: Sample) => sample.processorTimes.find((time) => time.process === process)?.threads ?? [];
  const names = new Map<string, number>();
  for (const { name, threads } of samples.flatMap(threadsOf)) names.set(name, Math.max(threads, names.get(name) ?? 0));
  const threads = [...names].map(([name, count]) => ({
    name,
    threads: count,
    microseconds: median(
      samples.map((sample) => {
        const found = threadsOf(sample).find((thread) => thread.name === name);
        return (found?.nanoseconds ?? 0) / sample.events / 1_000;
      }),
    ),
  }));
  return {
    process,
    microseconds: median(samples.map((sample) => microsecondsPerEvent(sample, process))),
    threads: threads.toSorted((one, other) => other.microseconds - one.microseconds),
  };
}
