import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cluster, cost } from "./cluster.ts";
import { fanOut, routing } from "./fan-out.ts";
import { backlog, footprint } from "./footprint.ts";
import { hostile } from "./hostile.ts";
import type { Case } from "./case.ts";
import {
  deadEnd,
  oneSubscription,
  publishTo,
  runLoad,
  startBaseline,
  startProduct,
  startReceiver,
  type LoadResult,
  type Product,
} from "./measure.ts";
import { startNatsServers } from "./nats-servers.ts";
import { startProcess, type BenchProcess } from "./process.ts";
import { processes } from "./processes.ts";

/** Runs baseline and product in turn, so that a drift of the machine meets both. */
async function alternate<A, B>(
  rounds: number,
  baseline: () => Promise<A>,
  product: () => Promise<B>,
): Promise<{ baseline: A[]; product: B[] }> {
  const results: { baseline: A[]; product: B[] } = { baseline: [], product: [] };
  for (let round = 0; round < rounds; round += 1) {
    results.baseline.push(await baseline());
    results.product.push(await product());
  }
  return results;
}

const eventsPerSecond = ({ events, seconds }: LoadResult): number => events / seconds;

/** a, b: durable publish into a subscription whose endpoint is down. */
function durablePublish(name: string, events: number): Case {
  return async ({ rounds, seconds }) => {
    const folder = await mkdtemp(join(tmpdir(), "ringmain-bench-"));
    const baselines = [
      { name: "bare", target: "≥ 0.60 of bare", process: await startBaseline("bare") },
      { name: "log", process: await startBaseline("log", join(folder, "log")) },
    ];
    const product = await startProduct({ config: deadEnd() });
    const rate = async (port: number): Promise<number> =>
      eventsPerSecond(await runLoad(publishTo(port, { events, seconds })));
    const ports = baselines.map((baseline) => Number(baseline.process.ready["port"]));
    for (const port of [product.port, ...ports]) await runLoad(publishTo(port, { events, seconds: 1 }));
    const ours: number[] = [];
    const theirs = baselines.map((): number[] => []);
    for (let round = 0; round < rounds; round += 1) {
      ours.push(await rate(product.port));
      for (const [index, port] of ports.entries()) theirs[index]?.push(await rate(port));
    }
    await Promise.all([product.stop(), ...baselines.map((baseline) => baseline.process.stop())]);
    await rm(folder, { recursive: true, force: true });
    return baselines.map(({ name: against, target }, index) => ({
      name,
      unit: "events/s",
      product: ours,
      baseline: { name: against, rounds: theirs[index] ?? [] },
      ...(target === undefined ? {} : { target }),
    }));
  };
}

/** a, against NATS: the JetStream client publishes the same payload, as many at one time, into a stream on disk. */
const againstNats: Case = async ({ rounds, seconds }) => {
  const server = await startNatsServers(1);
  const product = await startProduct({ config: deadEnd() });
  await runLoad(publishTo(product.port, { seconds: 1 }));
  const results = await alternate(
    rounds,
    async () => {
      const client = await startProcess(join(new URL(".", import.meta.url).pathname, "nats-baseline.js"), [
        server.url,
        "700",
        String(seconds),
      ]);
      return Number((await client.line(({ event }) => event === "done"))["perSecond"]);
    },
    async () => eventsPerSecond(await runLoad(publishTo(product.port, { seconds }))),
  );
  await Promise.all([product.stop(), server.stop()]);
  return [
    {
      name: "a. durable publish, 1 event a request",
      unit: "events/s",
      product: results.product,
      baseline: { name: "nats", rounds: results.baseline },
      target: "> 1.00 of nats",
    },
  ];
};

/** Publishes `requests` and measures until the receiver has them all: events per second, end to end. */
async function throughTo(receiver: BenchProcess, port: number, requests: number, events: number): Promise<number> {
  const expected = requests * events;
  receiver.tell({ reset: true });
  receiver.tell({ until: expected });
  const startedAt = performance.now();
  const reached = receiver.line((line) => line["event"] === "reached" && line["events"] === expected);
  await runLoad(publishTo(port, { requests, events }));
  await reached;
  return expected / ((performance.now() - startedAt) / 1_000);
}

/** c: publish to webhook acknowledged. */
function publishToWebhook(name: string, events: number, batch: Record<string, unknown>): Case {
  return async ({ rounds, seconds }) => {
    const requests = Math.round((events === 1 ? 5_000 : 500) * seconds);
    const one = async (start: (url: string) => Promise<{ port: number; stop(): Promise<void> }>): Promise<number> => {
      const receiver = await startReceiver();
      const server = await start(receiver.url);
      await throughTo(receiver, server.port, Math.ceil(requests / 10), events);
      // A line that was printed before must not be taken for the one to come: the warm-up counts differ by design.
      const rate = await throughTo(receiver, server.port, requests, events);
      await Promise.all([server.stop(), receiver.stop()]);
      return rate;
    };
    const results = await alternate(
      rounds,
      () =>
        one(async (url) => {
          const relay = await startBaseline("relay", url);
          return { port: Number(relay.ready["port"]), stop: () => relay.stop() };
        }),
      () => one((url) => startProduct({ config: oneSubscription(url, batch) })),
    );
    return [
      {
        name,
        unit: "events/s",
        product: results.product,
        baseline: { name: "relay", rounds: results.baseline },
        target: "≥ 0.60 of relay",
      },
    ];
  };
}

/** d: from the instant an event was due to be sent until the webhook has it. */
const latency: Case = async ({ rounds, seconds }) => {
  const receiver = await startReceiver();
  const product: Product = await startProduct({ config: oneSubscription(receiver.url) });
  const p50: number[] = [];
  const p99: number[] = [];
  const p999: number[] = [];
  const load = publishTo(product.port, { rate: 1_000, seconds });
  await runLoad({ ...load, seconds: 2 });
  for (let round = 0; round < rounds; round += 1) {
    receiver.tell({ reset: true });
    await runLoad(load);
    const report = (await receiver.report()) as { p50Ms?: number; p99Ms?: number; p999Ms?: number };
    p50.push(report.p50Ms ?? Number.NaN);
    p99.push(report.p99Ms ?? Number.NaN);
    p999.push(report.p999Ms ?? Number.NaN);
  }
  await Promise.all([product.stop(), receiver.stop()]);
  return [
    { name: "d. publish → webhook at 1,000 events/s, p50", unit: "ms", product: p50, target: "≤ 2 ms" },
    { name: "d. the same, p99", unit: "ms", product: p99, target: "≤ 10 ms" },
    { name: "d. the same, p99.9", unit: "ms", product: p999 },
  ];
};

/** Every case by the name it is asked for with. */
export const CASES: Readonly<Record<string, Case>> = {
  a: durablePublish("a. durable publish, 1 event a request", 1),
  b: durablePublish("b. durable publish, 100 events a request", 100),
  c1: publishToWebhook("c. publish → webhook, unbatched", 1, {}),
  c100: publishToWebhook("c. publish → webhook, batched by 100", 100, {
    maxEventsPerBatch: 100,
    preferredBatchSizeInKilobytes: 1_024,
  }),
  d: latency,
  e: fanOut,
  f: routing,
  g: backlog,
  h: footprint,
  hostile,
  nats: againstNats,
  processes,
  cluster,
  cost,
};
