import { join } from "node:path";
import type { WatchedProcess } from "../measurement/processor-time.ts";
import { numberIn } from "../programs/lines.ts";
import { PROGRAMS } from "./baselines.ts";
import { startScript } from "./child-process.ts";

/** What a receiver got since its last reset. */
export interface Received {
  readonly events: number;
  /** From the first request to the last one. */
  readonly seconds: number;
  /** From the instant an event was due to be sent until it arrived; 0 where events do not say. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
}

/** The webhook of the benchmarks, in a process of its own. */
export interface Receiver {
  readonly url: string;
  readonly process: WatchedProcess;
  reset(): Promise<void>;
  /** Resolves once so many events have come. Rejects when no event comes for a long time. */
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
