import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { paceOf, type Contender, type Sample } from "../measurement/contender.ts";
import {
  initialState,
  mergeProcessorTimes,
  processorTimeBetween,
  readProcessState,
  type ProcessorTime,
} from "../measurement/processor-time.ts";
import type { Scenario } from "../measurement/scenario.ts";
import { median } from "../measurement/statistics.ts";
import type { Figure } from "../report/report.ts";
import { PRODUCT, residentMiB, startProduct } from "../servers/product.ts";
import { CHECKOUT, makeFolder } from "../servers/workspace.ts";
import { caseOf, type Case } from "./case.ts";
import { folderBytes } from "./folder-bytes.ts";
import { configOf, DEAD_ENDPOINT, webhookTopic } from "./topics.ts";

const run = promisify(execFile);

/**
 * Returns a contender whose requests are starts: one event is a start on an empty folder until the product is ready.
 */
function starter(program: string): Contender {
  const start = async (requests: number): Promise<Sample> => {
    const startedAt = performance.now();
    const times: ProcessorTime[] = [];
    const readyMs: number[] = [];
    const idleMiB: number[] = [];
    while (times.length < requests) {
      const product = await startProduct({ program, config: configOf([webhookTopic("bench", DEAD_ENDPOINT)]) });
      times.push(processorTimeBetween(PRODUCT, initialState(), await readProcessState(product.pid)));
      readyMs.push(product.readyMs);
      idleMiB.push(await residentMiB(product.pid));
      await product.stop();
    }
    return {
      requests,
      events: requests,
      seconds: (performance.now() - startedAt) / 1_000,
      processorTimes: mergeProcessorTimes(times).map(({ process, threads }) => ({
        process,
        // Threads of one start, not of all starts together.
        threads: threads.map((thread) => ({ ...thread, threads: Math.round(thread.threads / requests) })),
      })),
      values: { readyMs: median(readyMs), idleMiB: median(idleMiB) },
    };
  };
  return {
    // The first start reads the program from the disk.
    warmUp: async () => paceOf(await start(1), PRODUCT),
    run: start,
    stop: async () => {},
  };
}

const value =
  (name: string) =>
  ({ values }: Sample): number =>
    values[name] ?? Number.NaN;

const starting: Scenario = {
  name: "h. start",
  startProduct: async (program) => starter(program),
  baselines: [],
  figures: [
    { name: "h. start to ready", unit: "ms", value: value("readyMs"), target: "≤ 500 ms" },
    { name: "h. memory when idle", unit: "MiB", value: value("idleMiB"), target: "≤ 100 MiB" },
  ],
};

const measured = caseOf(() => [starting]);

/** h: the product's footprint. */
export const footprint: Case = {
  ...measured,
  run: async (effort) => {
    const { figures, usages } = await measured.run(effort);
    const installed: Figure = {
      name: "h. installed, without development dependencies",
      unit: "MB",
      product: { rounds: [await installedMb()] },
      target: "< 60 MB",
    };
    return { figures: [...figures, installed], usages };
  },
};

/** Packs and installs the package as a user does. Resolves with its size in MB. */
async function installedMb(): Promise<number> {
  const folder = await makeFolder();
  const { stdout } = await run("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: CHECKOUT });
  const archive = stdout.trim().split("\n").at(-1) ?? "";
  await run("npm", ["install", "--omit=dev", "--prefix", folder, join(folder, archive)], { cwd: folder });
  return (await folderBytes(join(folder, "node_modules"))) / 1_000_000;
}
