import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProcess, type BenchProcess, type Line } from "./process.ts";

const folder = new URL(".", import.meta.url).pathname;
const cli = new URL("../bundle/cli/main.js", import.meta.url).pathname;

/** The key every benchmark publishes with. */
export const KEY: string = Buffer.from("a key for nothing but benchmarks").toString("base64");

/** What the load generator is told; see `load-generator.ts`. */
export interface Load {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly events: number;
  readonly eventBytes: number;
  readonly connections: number;
  readonly requests?: number;
  readonly seconds?: number;
  readonly rate?: number;
  readonly eventType?: string;
  readonly subject?: string;
}

/** What came of a load. */
export interface LoadResult {
  readonly requests: number;
  readonly events: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

/** Runs one load in a process of its own. Rejects when an answer was anything but 200. */
export async function runLoad(load: Load): Promise<LoadResult> {
  const generator = await startProcess(join(folder, "load-generator.js"), [JSON.stringify(load)]);
  generator.tell({ go: true });
  const done = await generator.line((line) => line["event"] === "done");
  const statuses = done["statuses"] as Record<string, number>;
  const others = Object.keys(statuses).filter((status) => status !== "200");
  if (others.length > 0) throw new Error(`not all answers were 200: ${JSON.stringify(statuses)}`);
  return done as unknown as LoadResult;
}

export function startBaseline(...args: readonly string[]): Promise<BenchProcess> {
  return startProcess(join(folder, "baseline-server.js"), args);
}

/** The webhook; see `receiver.ts`. */
export async function startReceiver(): Promise<BenchProcess & { readonly url: string; report(): Promise<Line> }> {
  const receiver = await startProcess(join(folder, "receiver.js"), []);
  let token = 0;
  return {
    ...receiver,
    url: `http://127.0.0.1:${String(receiver.ready["port"])}/`,
    report: () => {
      token += 1;
      const wanted = token;
      receiver.tell({ report: true, token: wanted });
      return receiver.line((line) => line["event"] === "report" && line["token"] === wanted);
    },
  };
}

/** The product in a process of its own, on a data folder of its own. */
export interface Product extends BenchProcess {
  readonly port: number;
  readonly data: string;
  readonly readyMs: number;
  /** Resident memory, in MiB. */
  residentMiB(): Promise<number>;
}

export interface ProductOptions {
  /** Azure's limits are relaxed: what a topic takes in a second is what is measured. */
  readonly config: unknown;
  readonly data?: string;
  readonly args?: readonly string[];
}

/** Starts the product; `close` removes its folder. */
export async function startProduct({ config, data, args = [] }: ProductOptions): Promise<Product> {
  const home = data ?? (await mkdtemp(join(tmpdir(), "ringmain-bench-")));
  const file = join(home, "bench.config.json");
  await writeFile(file, JSON.stringify({ limits: "relaxed", ...(config as object) }));
  const startedAt = performance.now();
  const fixed = ["start", "--config", file, "--port", "0", "--data", join(home, "data"), "--json"];
  const child = await startProcess(cli, [...fixed, ...args]);
  const { http } = child.ready as { http: string };
  return {
    ...child,
    port: Number(new URL(http).port),
    data: home,
    readyMs: performance.now() - startedAt,
    residentMiB: () => residentMiB(child.pid),
    stop: async (signal) => {
      await child.stop(signal);
      if (data === undefined) await rm(home, { recursive: true, force: true });
    },
  };
}

/** Resident memory of a process, in MiB, from the kernel's own account. */
export async function residentMiB(pid: number): Promise<number> {
  const { readFile } = await import("node:fs/promises");
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1_024;
}

/** A topic with one webhook subscription. */
export function oneSubscription(endpointUrl: string, properties: Record<string, unknown> = {}): unknown {
  return {
    topics: [
      {
        name: "bench",
        key1: KEY,
        subscriptions: [
          { name: "one", destination: { endpointType: "WebHook", properties: { endpointUrl, ...properties } } },
        ],
      },
    ],
  };
}

/** The same, of which nothing arrives: nobody listens there, and attempts end after the first ten. */
export function deadEnd(): unknown {
  return { ...(oneSubscription("http://127.0.0.1:9/") as object), delivery: { schedule: "azure" } };
}

/** A publish request to the topic of `oneSubscription`. */
export function publishTo(port: number, load: Partial<Load> = {}): Load {
  return {
    port,
    path: "/topics/bench/api/events?api-version=2018-01-01",
    headers: { "aeg-sas-key": KEY },
    events: 1,
    eventBytes: 700,
    connections: 64,
    ...load,
  };
}
