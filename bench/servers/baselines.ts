import { join } from "node:path";
import { numberIn } from "../programs/lines.ts";
import { startScript } from "./child-process.ts";
import type { Server } from "./server.ts";
import { CHECKOUT, makeFolder } from "./workspace.ts";

/** Folder of the compiled programs that run in their own processes. */
export const PROGRAMS: string = join(CHECKOUT, "dist-bench/programs");

/** Starts a baseline that only receives: *bare*, or *log*, which flushes first. */
export async function startPublishBaseline(kind: "bare" | "log"): Promise<Server> {
  return startBaseline(kind, join(await makeFolder(), "log"));
}

/** Starts a baseline that forwards to `url`: *relay*, or *log relay*, which flushes and responds first. */
export async function startRelayBaseline(kind: "relay" | "log relay", url: string): Promise<Server> {
  return startBaseline(kind, join(await makeFolder(), "log"), url);
}

async function startBaseline(kind: string, ...args: readonly string[]): Promise<Server> {
  const { pid, ready, stop } = await startScript(join(PROGRAMS, "baseline-server.js"), [kind, ...args]);
  return { processes: [{ name: kind, pid }], port: numberIn(ready, "port"), stop };
}
