import type { LoadResult } from "../load/load.ts";
import {
  mergeProcessorTimes,
  totalNanoseconds,
  untilIdle,
  watchProcesses,
  type ProcessorTime,
  type WatchedProcess,
} from "./processor-time.ts";

/** Result of one run of a contender. */
export interface Sample {
  /** Number of requests, or of starts if starting is measured. */
  readonly requests: number;
  /** Number of events, by which processor time is divided; the number of starts if starting is measured. */
  readonly events: number;
  readonly seconds: number;
  /** Processor times of every process that took part, including the load generator. */
  readonly processorTimes: readonly ProcessorTime[];
  /** Other measured values by name: latencies in milliseconds, memory in MiB. */
  readonly values: Readonly<Record<string, number>>;
}

/** Cost of a request to a warm contender, which determines the number of requests to send. */
export interface Pace {
  readonly requestsPerSecond: number;
  /** Processor time of each request in microseconds; `NaN` if it is not measured. */
  readonly microseconds: number;
}

/** Running servers that are measured with the same load in turn: the product, another build of it, or a baseline. */
export interface Contender {
  /** Resolves when compilers and caches are warm. */
  readonly warmUp: () => Promise<Pace>;
  readonly run: (requests: number) => Promise<Sample>;
  readonly stop: () => Promise<void>;
}

/** Processor time in microseconds after which a process is warm: V8 has compiled the hot code by then. */
const WARM_UP_MICROSECONDS = 4_000_000;
/** Number of runs after which a process is warm that hardly uses processor time. */
const MAX_WARM_UP_RUNS = 20;

/**
 * Repeats a run of about a second until a process is warm. Uses processor time, since a second of wall-clock time
 * on a busy machine hardly warms anything up. Resolves with the pace of the last run.
 */
export async function warmUpBy(process: string, run: () => Promise<Sample>): Promise<Pace> {
  let used = 0;
  let pace = { requestsPerSecond: 0, microseconds: 0 };
  for (let runs = 0; runs < MAX_WARM_UP_RUNS && used < WARM_UP_MICROSECONDS; runs += 1) {
    const sample = await run();
    pace = paceOf(sample, process);
    const microseconds = pace.microseconds * sample.requests;
    used += Number.isNaN(microseconds) ? sample.seconds * 1_000_000 : microseconds;
  }
  return pace;
}

/** Returns the pace of a process from one sample. */
export function paceOf(sample: Sample, process: string): Pace {
  const { requests, events, seconds } = sample;
  return {
    requestsPerSecond: requests / seconds,
    microseconds: (microsecondsPerEvent(sample, process) * events) / requests,
  };
}

/** Result of a load by the relevant measure, which may be the receiver's instead of the load generator's. */
export interface LoadOutcome {
  readonly load: LoadResult;
  readonly seconds: number;
  readonly values?: Readonly<Record<string, number>>;
}

/** Runs a load and measures processes from its first request until they are idle again. */
export async function sampleLoad(
  processes: readonly WatchedProcess[],
  run: () => Promise<LoadOutcome>,
): Promise<Sample> {
  const stopWatching = await watchProcesses(processes);
  const { load, seconds, values = {} } = await run();
  await untilIdle(processes);
  const processorTimes = await stopWatching();
  return {
    requests: load.requests,
    events: load.events,
    seconds,
    processorTimes: mergeProcessorTimes([...processorTimes, load.processorTime]),
    values,
  };
}

/** Returns events per second. */
export function eventsPerSecond({ events, seconds }: Sample): number {
  return events / seconds;
}

/** Returns the processor time of a process for each event, in microseconds; `NaN` if it was not measured. */
export function microsecondsPerEvent({ events, processorTimes }: Sample, process: string): number {
  const found = processorTimes.find((time) => time.process === process);
  return found === undefined || found.threads.length === 0 ? Number.NaN : totalNanoseconds(found) / events / 1_000;
}
