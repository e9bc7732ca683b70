import { runLoads, type Amount, type Load } from "../load/load.ts";
import { sampleLoad, warmUpBy, type Contender, type LoadOutcome } from "../measurement/contender.ts";
import type { WatchedProcess } from "../measurement/processor-time.ts";
import type { Receiver } from "../servers/receiver.ts";
import type { Server } from "../servers/server.ts";

/** Servers, the loads on them, and what stands behind them. */
export interface UnderLoad {
  readonly servers: readonly Server[];
  readonly loads: readonly Load[];
  /** Unset means that nothing is delivered: a run is over when every request has been answered. */
  readonly receiver?: Receiver;
  /** Stores in processes of their own; stopped after the servers. */
  readonly stores?: { readonly processes: readonly WatchedProcess[]; stop(): Promise<void> };
}

/** Returns a contender that is measured by publishing to it and, where there is a receiver, by what arrives there. */
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

/** Returns the requests a second that loads are to have together, or nothing where they are as fast as can be. */
function totalRate(loads: readonly Load[]): number | undefined {
  const rates = loads.flatMap(({ rate }) => (rate === undefined ? [] : [rate]));
  return rates.length === 0 ? undefined : rates.reduce((sum, rate) => sum + rate, 0);
}
