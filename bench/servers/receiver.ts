import { join } from "node:path";
import type { WatchedProcess } from "../measurement/processor-time.ts";
import { numberIn } from "../programs/lines.ts";
import { PROGRAMS } from "./baselines.ts";
import { startScript } from "./child-process.ts";

/** Results of a receiver since its last reset. */
export interface Received {
  readonly events: number;
  /** Time from the first request to the last one. */
  readonly seconds: number;
  /** Latency from the scheduled sending time of an event until it arrived; 0 if events do not contain that time. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
}

/** The webhook of the benchmarks in its own process. */
export interface Receiver {
  readonly url: string;
  readonly process: WatchedProcess;
  reset(): Promise<void>;
  /** Resolves once the given number of events has arrived. Rejects if none arrives for a long time. */
  until(events: number): Promise<Received>;
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const receiver = await startScript(join(PROGRAMS, "receiver.js"), []);
  return {
    url: `http://127.0.0.1:${numberIn(receiver.ready, "port")}/`,
    process: { name: "receiver", pid: receiver.pid },
    reset: async () => {
      await receiver.ask({ command: "reset" });
    },
    until: async (wanted) => {
      const line = await receiver.ask({ command: "until", events: wanted });
      const number = (name: string): number => numberIn(line, name);
      if (number("events") < wanted) {
        throw new Error(`of ${wanted} events ${number("events")} arrived, and then none for a while`);
      }
      return {
        events: number("events"),
        seconds: number("seconds"),
        p50Ms: number("p50Ms"),
        p99Ms: number("p99Ms"),
        p999Ms: number("p999Ms"),
      };
    },
    stop: () => receiver.stop(),
  };
}
