import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Case } from "./case.ts";
import { KEY, publishTo, runLoad, startProduct, startReceiver, type Product } from "./measure.ts";
import type { Figure } from "./report.ts";

const MIB = 1_048_576;
const DELIVERIES = 1_000_000;
const run = promisify(execFile);
const root = new URL("../", import.meta.url).pathname;

const webhook = (endpointUrl: string) => ({ endpointType: "WebHook", properties: { endpointUrl } });
const topic = (name: string, endpointUrl: string) => ({
  name,
  key1: KEY,
  subscriptions: [{ name: "one", destination: webhook(endpointUrl) }],
});

/** Events a second through a healthy subscription, by the round. */
async function healthyRate(
  product: Product,
  receiver: Awaited<ReturnType<typeof startReceiver>>,
  rounds: number,
): Promise<number[]> {
  const requests = 5_000;
  const rates: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    receiver.tell({ reset: true });
    const before = (await receiver.report())["events"];
    if (before !== 0) throw new Error("the receiver was not reset");
    const startedAt = performance.now();
    await runLoad({ ...publishTo(product.port, { requests }), path: "/topics/healthy/api/events" });
    while (((await receiver.report())["events"] as number) < requests) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    rates.push(requests / ((performance.now() - startedAt) / 1_000));
  }
  return rates;
}

/** g: a million deliveries wait for a dead endpoint. */
export const backlog: Case = async ({ rounds }) => {
  const receiver = await startReceiver();
  const config = {
    delivery: { schedule: "azure" },
    topics: [topic("bench", "http://127.0.0.1:9/"), topic("healthy", receiver.url)],
  };
  const data = await mkdtemp(join(tmpdir(), "ringmain-backlog-"));
  const first = await startProduct({ config, data });
  await healthyRate(first, receiver, 1);
  const alone = await healthyRate(first, receiver, rounds);
  const before = await first.residentMiB();
  await runLoad(publishTo(first.port, { events: 100, requests: DELIVERIES / 100 }));
  const after = await first.residentMiB();
  const beside = await healthyRate(first, receiver, rounds);
  await first.stop("SIGKILL");
  const restarts: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const next = await startProduct({ config, data });
    restarts.push(next.readyMs);
    await next.stop("SIGKILL");
  }
  const disk = await folderBytes(join(data, "data"));
  await Promise.all([receiver.stop(), rm(data, { recursive: true, force: true })]);
  return [
    {
      name: "g. memory that 1,000,000 waiting deliveries take",
      unit: "MiB",
      product: [after - before],
      target: "≤ 200 MiB",
    },
    { name: "g. disk that they take", unit: "MiB", product: [disk / MIB] },
    { name: "g. ready after kill -9 with them", unit: "ms", product: restarts, target: "≤ 2,000 ms" },
    {
      name: "g. a healthy subscription beside them",
      unit: "events/s",
      product: beside,
      baseline: { name: "alone", rounds: alone },
      target: "≥ 0.9 of alone",
    },
  ];
};

/** h: what it takes to have it. */
export const footprint: Case = async ({ rounds }) => {
  const starts: number[] = [];
  const idle: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const product = await startProduct({ config: { topics: [topic("bench", "http://127.0.0.1:9/")] } });
    starts.push(product.readyMs);
    idle.push(await product.residentMiB());
    await product.stop();
  }
  const figures: Figure[] = [
    { name: "h. start to ready", unit: "ms", product: starts, target: "≤ 500 ms" },
    { name: "h. memory when idle", unit: "MiB", product: idle, target: "≤ 100 MiB" },
  ];
  return [
    ...figures,
    {
      name: "h. installed, without development dependencies",
      unit: "MB",
      product: [await installedMb()],
      target: "< 60 MB",
    },
  ];
};

/** Packs and installs the package as a user does. */
async function installedMb(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "ringmain-installed-"));
  const { stdout } = await run("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: root });
  const archive = stdout.trim().split("\n").at(-1) ?? "";
  await run("npm", ["install", "--omit=dev", "--prefix", folder, join(folder, archive)], { cwd: folder });
  const bytes = await folderBytes(join(folder, "node_modules"));
  await rm(folder, { recursive: true, force: true });
  return bytes / 1_000_000;
}

async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    // What is allocated, not what a sparse file pretends to be.
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).blocks * 512;
  }
  return bytes;
}
