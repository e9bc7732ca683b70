import { readFile } from "node:fs/promises";
import type { Case, Effort } from "./case.ts";
import { KEY, publishTo, runLoad, startProduct, startReceiver, type Load, type Product } from "./measure.ts";
import { startNatsServers, type NatsServers } from "./nats-servers.ts";
import type { BenchProcess } from "./process.ts";
import { median, type Figure } from "./report.ts";

/** Nothing listens there. */
const DEAD_ENDPOINT = "http://127.0.0.1:9/";
/** Ticks of the kernel's account of processor time a second. */
const TICKS_PER_SECOND = 100;
/** A topic for each node, so that they write to different streams. */
const TOPICS = ["bench-0", "bench-1", "bench-2"];
const BATCH = { maxEventsPerBatch: 100, preferredBatchSizeInKilobytes: 1_024 };

function configOf(endpointUrl: string, properties: Readonly<Record<string, unknown>> = {}): unknown {
  const destination = { endpointType: "WebHook", properties: { endpointUrl, ...properties } };
  return {
    delivery: { schedule: "azure" },
    topics: TOPICS.map((name) => ({ name, key1: KEY, subscriptions: [{ name: "one", destination }] })),
  };
}

function publishAt(port: number, topic: string | undefined, load: Partial<Load>): Load {
  return publishTo(port, { path: `/topics/${topic}/api/events?api-version=2018-01-01`, ...load });
}

async function startNodes(servers: NatsServers, count: number, config: unknown): Promise<Product[]> {
  const nodes: Product[] = [];
  // The first one makes the store.
  for (let index = 0; index < count; index += 1) {
    nodes.push(await startProduct({ config, args: ["--store", servers.url] }));
  }
  return nodes;
}

/** Publishes `requests` at each node and waits until the receiver has them all; answers the seconds. */
async function through(
  receiver: BenchProcess,
  nodes: readonly Product[],
  load: Required<Pick<Load, "requests" | "events">>,
): Promise<number> {
  const expected = nodes.length * load.requests * load.events;
  receiver.tell({ reset: true });
  receiver.tell({ until: expected });
  const startedAt = performance.now();
  // At least once: there may be more. And more than in any round before, whose lines are looked at as well.
  const reached = receiver.line(({ event, events }) => event === "reached" && Number(events) >= expected);
  await Promise.all(nodes.map(({ port }, index) => runLoad(publishAt(port, TOPICS[index], load))));
  await reached;
  return (performance.now() - startedAt) / 1_000;
}

/** Wall-clock throughput of one, two and three nodes on three servers with three replicas. */
export const cluster: Case = async (effort) => {
  const figures: Figure[] = [];
  for (const count of [1, 2, 3]) {
    for (const events of [1, 100]) figures.push(await publishing(count, events, effort));
    figures.push(await delivering(count, effort));
  }
  return figures;
};

async function publishing(count: number, events: number, { rounds, seconds }: Effort): Promise<Figure> {
  const servers = await startNatsServers(3);
  const nodes = await startNodes(servers, count, configOf(DEAD_ENDPOINT));
  const rates: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const load = { events, seconds: round === 0 ? 1 : seconds };
    const results = await Promise.all(nodes.map(({ port }, index) => runLoad(publishAt(port, TOPICS[index], load))));
    // The first round warms up.
    if (round > 0) rates.push(results.reduce((sum, result) => sum + result.events / result.seconds, 0));
  }
  await Promise.all(nodes.map((node) => node.stop()));
  await servers.stop();
  return {
    name: `cluster: publish, ${events} a request, ${count} node${count === 1 ? "" : "s"}`,
    unit: "events/s",
    product: rates,
  };
}

async function delivering(count: number, { rounds, seconds }: Effort): Promise<Figure> {
  const receiver = await startReceiver();
  const servers = await startNatsServers(3);
  const nodes = await startNodes(servers, count, configOf(receiver.url));
  const rates: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const requests = Math.round((round === 0 ? 500 : 1_000 * seconds) / count) + round;
    const took = await through(receiver, nodes, { requests, events: 1 });
    if (round > 0) rates.push((count * requests) / took);
  }
  await Promise.all(nodes.map((node) => node.stop()));
  await Promise.all([servers.stop(), receiver.stop()]);
  return {
    name: `cluster: publish → webhook, unbatched, ${count} node${count === 1 ? "" : "s"}`,
    unit: "events/s",
    product: rates,
  };
}

/** What is measured for its cost: how events come in, and where they go. */
interface Work {
  readonly name: string;
  readonly events: number;
  readonly requests: number;
  /** Unset means an endpoint that is down, so that they stay. */
  readonly batching?: Readonly<Record<string, unknown>>;
}

const WORKS: readonly Work[] = [
  { name: "publish, 1 a request", events: 1, requests: 1_000 },
  { name: "publish, 100 a request", events: 100, requests: 100 },
  { name: "publish and deliver, 1 a request", events: 1, requests: 500, batching: {} },
  { name: "publish and deliver, 100 a request", events: 100, requests: 25, batching: BATCH },
];

/**
 * Processor time that one event takes of a Ringmain node and of the NATS servers, with one and with three replicas:
 * what other programs do on the machine hardly changes it.
 */
export const cost: Case = async ({ rounds, seconds }) => {
  const figures: Figure[] = [];
  for (const replicas of [1, 3] as const) {
    for (const work of WORKS) {
      const { node, servers } = await costsOf(work, replicas, rounds, seconds);
      process.stderr.write(
        `  ${work.name}, ${replicas}: ${median(node).toFixed(0)} + ${median(servers).toFixed(0)} µs\n`,
      );
      const name = `cost: ${work.name}, ${replicas} replica${replicas === 1 ? "" : "s"}`;
      figures.push({ name: `${name}, Ringmain`, unit: "CPU µs/event", product: node });
      figures.push({ name: `${name}, all servers`, unit: "CPU µs/event", product: servers });
    }
  }
  return figures;
};

async function costsOf(
  { events, requests, batching }: Work,
  replicas: 1 | 3,
  rounds: number,
  seconds: number,
): Promise<{ readonly node: number[]; readonly servers: number[] }> {
  const receiver = await startReceiver();
  const servers = await startNatsServers(replicas);
  const config = batching === undefined ? configOf(DEAD_ENDPOINT) : configOf(receiver.url, batching);
  const [node] = await startNodes(servers, 1, config);
  if (node === undefined) throw new Error("no node");
  const costs = { node: [] as number[], servers: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    // More from round to round, by which the receiver's answers are told apart.
    const load = { events, requests: Math.round(requests * (round === 0 ? 1 : seconds)) + round };
    const before = [await cpuSeconds([node.pid]), await cpuSeconds(servers.pids)] as const;
    if (batching === undefined) await runLoad(publishAt(node.port, TOPICS[0], load));
    else await through(receiver, [node], load);
    const after = [await cpuSeconds([node.pid]), await cpuSeconds(servers.pids)] as const;
    if (round === 0) continue;
    const microseconds = 1_000_000 / (load.requests * load.events);
    costs.node.push((after[0] - before[0]) * microseconds);
    costs.servers.push((after[1] - before[1]) * microseconds);
  }
  await node.stop();
  await Promise.all([servers.stop(), receiver.stop()]);
  return costs;
}

/** Processor time that processes have used so far, in all their threads, by the kernel's account. */
async function cpuSeconds(pids: readonly number[]): Promise<number> {
  let ticks = 0;
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The name, which comes second, may hold spaces; user and system time are the 14th and 15th.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / TICKS_PER_SECOND;
}
