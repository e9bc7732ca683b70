import { mergeProcessorTimes, type ProcessorTime } from "../measurement/processor-time.ts";
import { runNodeGenerator } from "./node-generator.ts";
import { findWrk, runWrk } from "./wrk.ts";

/** How much to send: requests in all, or as many as fit into a time. */
export type Amount = { readonly requests: number } | { readonly seconds: number };

/** The requests of a load generator, all to one path of one port. */
export interface Load {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Events of one request. */
  readonly events: number;
  /** Bytes of one event. */
  readonly eventBytes: number;
  readonly connections: number;
  /** Requests a second; unset means as fast as they are answered. */
  readonly rate?: number;
  /** `Bench.Event` unless set. */
  readonly eventType?: string;
  /** `bench` unless set. */
  readonly subject?: string;
}

/** Result of a load: every request got a response with status 200. */
export interface LoadResult {
  readonly requests: number;
  readonly events: number;
  readonly seconds: number;
  /** Of the load generator itself. */
  readonly processorTime: ProcessorTime;
}

/**
 * Publishes, in a process of its own: `wrk` where it is installed, since it takes less of the processors that the server
 * needs; the generator in Node otherwise, and for loads at a rate, which `wrk` does not know. Rejects if a response was
 * anything but 200.
 */
export async function runLoad(load: Load, amount: Amount): Promise<LoadResult> {
  const usesWrk = load.rate === undefined && (await findWrk()) !== undefined;
  return usesWrk ? runWrk(load, amount) : runNodeGenerator(load, amount);
}

/** Runs the same amount of several loads at one time, divided among them. */
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

/** Describes the load generators that are used here. */
export async function describeGenerators(): Promise<string> {
  const wrk = await findWrk();
  return wrk === undefined
    ? "load generator: Node for every case, as wrk is not installed (apt-get install wrk)"
    : `load generator: wrk ${wrk}; Node for loads at a rate (d)`;
}
