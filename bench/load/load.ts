import { mergeProcessorTimes, type ProcessorTime } from "../measurement/processor-time.ts";
import { runNodeGenerator } from "./node-generator.ts";
import { findWrk, runWrk } from "./wrk.ts";

/** Amount to send: a number of requests, or as many as fit into a time. */
export type Amount = { readonly requests: number } | { readonly seconds: number };

/** The requests of a load generator, all to one path of one port. */
export interface Load {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Events in each request. */
  readonly events: number;
  /** Bytes of each event. */
  readonly eventBytes: number;
  readonly connections: number;
  /** Requests per second. If unset, each is sent as soon as the one before has its response. */
  readonly rate?: number;
  /** Default: `Bench.Event`. */
  readonly eventType?: string;
  /** Default: `bench`. */
  readonly subject?: string;
}

/** Result of a load in which every request got status 200. */
export interface LoadResult {
  readonly requests: number;
  readonly events: number;
  readonly seconds: number;
  /** Processor time of the load generator itself. */
  readonly processorTime: ProcessorTime;
}

/**
 * Publishes in a separate process: with `wrk` if it is installed, since it uses less of the processors that the
 * server needs; otherwise, and for loads with a rate, which `wrk` does not support, with the generator in Node.
 * Rejects if a response has a status other than 200.
 */
export async function runLoad(load: Load, amount: Amount): Promise<LoadResult> {
  const usesWrk = load.rate === undefined && (await findWrk()) !== undefined;
  return usesWrk ? runWrk(load, amount) : runNodeGenerator(load, amount);
}

/** Runs several loads concurrently, and divides the amount among them. */
export async function runLoads(loads: readonly Load[], amount: Amount): Promise<LoadResult> {
  const share = "requests" in amount ? { requests: Math.ceil(amount.requests / loads.length) } : amount;
  const results = await Promise.all(loads.map((load) => runLoad(load, share)));
  const [processorTime] = mergeProcessorTimes(results.map((result) => result.processorTime));
  if (processorTime === undefined) throw new Error("no load");
  return {
    requests: results.reduce((sum, { requests }) => sum + requests, 0),
    events: results.reduce((sum, { events }) => sum + events, 0),
    seconds: Math.max(...results.map(({ seconds }) => seconds)),
    processorTime,
  };
}

/** Describes the load generators that are used on this machine. */
export async function describeGenerators(): Promise<string> {
  const wrk = await findWrk();
  return wrk === undefined
    ? "load generator: Node for every case, as wrk is not installed (apt-get install wrk)"
    : `load generator: wrk ${wrk}; Node for loads at a rate (d)`;
}
