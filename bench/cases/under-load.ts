import { runLoads, type Amount, type Load } from "../load/load.ts";
import { sampleLoad, warmUpBy, type Contender, type LoadOutcome } from "../measurement/contender.ts";
import type { WatchedProcess } from "../measurement/processor-time.ts";
import type { Receiver } from "../servers/receiver.ts";
import type { Server } from "../servers/server.ts";

/** Servers, the loads on them, and the processes that they depend on. */
export interface UnderLoad {
  readonly servers: readonly Server[];
  readonly loads: readonly Load[];
  /** If unset, nothing is delivered, and a run ends when every request has its response. */
  readonly receiver?: Receiver;
  /** Stores in their own processes, which are stopped after the servers. */
  readonly stores?: { readonly processes: readonly WatchedProcess[]; stop(): Promise<void> };
}

/**
 * Returns a contender that is measured by publishing to it and, if there is a receiver, by the events that arrive
 * there.
 */
export function underLoad({ servers, loads, receiver, stores }: UnderLoad): Contender {
  const processes = [
    ...servers.flatMap((server) => server.processes),
    ...(stores?.processes ?? []),
    ...(receiver === undefined ? [] : [receiver.process]),
  ];
  const publish = async (amount: Amount, paced: readonly Load[]): Promise<LoadOutcome> => {
    await receiver?.reset();
    const load = await runLoads(paced, amount);
    if (receiver === undefined) return { load, seconds: load.seconds };
    const { seconds, p50Ms, p99Ms, p999Ms } = await receiver.until(load.events);
    return { load, seconds, values: { p50Ms, p99Ms, p999Ms } };
  };
  return {
    warmUp: async () => {
      const fast = loads.map(({ rate: _rate, ...load }) => load);
      const pace = await warmUpBy(processes[0]?.name ?? "", () =>
        sampleLoad(processes, () => publish({ seconds: 1 }, fast)),
      );
      return { ...pace, requestsPerSecond: totalRate(loads) ?? pace.requestsPerSecond };
    },
    run: (requests) => sampleLoad(processes, () => publish({ requests }, loads)),
    stop: async () => {
      await Promise.all(servers.map((server) => server.stop()));
      await Promise.all([stores?.stop(), receiver?.stop()]);
    },
  };
}

/** Returns the total requests per second of several loads, or `undefined` if these are unlimited. */
function totalRate(loads: readonly Load[]): number | undefined {
  const rates = loads.flatMap(({ rate }) => (rate === undefined ? [] : [rate]));
  return rates.length === 0 ? undefined : rates.reduce((sum, rate) => sum + rate, 0);
}
