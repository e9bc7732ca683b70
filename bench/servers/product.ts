import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startScript } from "./child-process.ts";
import type { Server } from "./server.ts";
import { CHECKOUT, makeFolder } from "./workspace.ts";

/** Name of the product's process in every report. */
export const PRODUCT = "product";

/** Returns the program that a built checkout starts. */
export function programOf(checkout: string): string {
  return join(checkout, "bundle/cli/main.js");
}

/** Program of the checkout that this benchmark belongs to. */
export const THIS_PROGRAM: string = programOf(CHECKOUT);

/**
 * Retries as in production, in a mode that delivers to this machine. Set by environment variables, because builds
 * that do not know a setting only warn about these.
 */
const ENVIRONMENT = { RINGMAIN_DELIVERY_SCHEDULE: "azure" };

/** The product in its own process with its own data folder. */
export interface Product extends Server {
  readonly pid: number;
  readonly data: string;
  /** Milliseconds from starting the process until it was ready. */
  readonly readyMs: number;
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
}

export interface ProductOptions {
  readonly program: string;
  /**
   * The configuration. Azure's limits are relaxed in addition, since the rate that a topic accepts is measured here.
   */
  readonly config: object;
  /** A folder that is kept. If unset, a folder that is deleted when the product stops. */
  readonly folder?: string;
  readonly args?: readonly string[];
}

/** Starts the product and waits until it is ready. */
export async function startProduct({ program, config, folder, args = [] }: ProductOptions): Promise<Product> {
  const home = folder ?? (await makeFolder());
  const file = join(home, "bench.config.json");
  const data = join(home, "data");
  await writeFile(file, JSON.stringify({ limits: "relaxed", ...config }));
  const startedAt = performance.now();
  const fixed = ["start", "--config", file, "--port", "0", "--data", data, "--json"];
  const { pid, ready, stop } = await startScript(program, [...fixed, ...args], ENVIRONMENT);
  const { http } = ready as { readonly http: string };
  return {
    pid,
    processes: [{ name: PRODUCT, pid }],
    port: Number(new URL(http).port),
    data,
    readyMs: performance.now() - startedAt,
    stop: async (signal) => {
      await stop(signal);
      if (folder === undefined) await rm(home, { recursive: true, force: true });
    },
  };
}

/** Returns the resident memory of a process in MiB, as reported by the kernel. */
export async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1_024;
}
