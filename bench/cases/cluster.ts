import { microsecondsPerEvent, type Contender } from "../measurement/contender.ts";
import type { FigureDefinition, Scenario } from "../measurement/scenario.ts";
import { EVENTS_PER_SECOND } from "../report/report.ts";
import { startNatsServers, type NatsServers } from "../servers/nats-servers.ts";
import { PRODUCT, startProduct, type Product } from "../servers/product.ts";
import { startReceiver } from "../servers/receiver.ts";
import { caseOf, type Case } from "./case.ts";
import { BATCHED, configOf, DEAD_ENDPOINT, publishTo, webhookTopic } from "./topics.ts";
import { underLoad } from "./under-load.ts";

/** One topic for each node, so that the nodes write to different streams. */
const TOPICS = ["bench-0", "bench-1", "bench-2"] as const;

/** Events to publish, and their destination. */
interface Work {
  readonly name: string;
  readonly events: number;
  /** Properties of the webhook. If unset, the endpoint is unreachable, so that events stay in the queue. */
  readonly delivery?: object;
}

/** Starts NATS servers with nodes that use them, and a load for each node. */
async function startCluster(
  program: string,
  servers: 1 | 3,
  nodes: number,
  { events, delivery }: Work,
): Promise<Contender> {
  const receiver = delivery === undefined ? undefined : await startReceiver();
  const stores = await startNatsServers(servers);
  const config = configOf(TOPICS.map((name) => webhookTopic(name, receiver?.url ?? DEAD_ENDPOINT, delivery)));
  const products = await startNodes(program, stores, nodes, config);
  const loads = products.map(({ port }, index) => publishTo(port, TOPICS[index] ?? TOPICS[0], { events }));
  return underLoad({ servers: products, loads, stores, ...(receiver === undefined ? {} : { receiver }) });
}

/** Starts nodes one after another, because the first one creates the store. */
async function startNodes(program: string, stores: NatsServers, count: number, config: object): Promise<Product[]> {
  const nodes: Product[] = [];
  while (nodes.length < count) nodes.push(await startProduct({ program, config, args: ["--store", stores.url] }));
  return nodes;
}

const THROUGHPUT: readonly Work[] = [
  { name: "publish, 1 a request", events: 1 },
  { name: "publish, 100 a request", events: 100 },
  { name: "publish → webhook, unbatched", events: 1, delivery: {} },
];

/** Throughput in wall-clock time of one, two and three nodes, on three servers with three replicas. */
export const cluster: Case = caseOf(() =>
  [1, 2, 3].flatMap((nodes) =>
    THROUGHPUT.map((work): Scenario => {
      return {
        name: `cluster: ${work.name}, ${nodes} node${nodes === 1 ? "" : "s"}`,
        startProduct: (program) => startCluster(program, 3, nodes, work),
        baselines: [],
        figures: [EVENTS_PER_SECOND],
      };
    }),
  ),
);

const COSTS: readonly Work[] = [
  { name: "publish, 1 a request", events: 1 },
  { name: "publish, 100 a request", events: 100 },
  { name: "publish and deliver, 1 a request", events: 1, delivery: {} },
  { name: "publish and deliver, 100 a request", events: 100, delivery: BATCHED },
];

/**
 * Processor time of a Ringmain node and of the NATS servers for one event, with one and with three replicas. Other
 * programs on the machine hardly affect it.
 */
export const cost: Case = caseOf(() =>
  ([1, 3] as const).flatMap((replicas) =>
    COSTS.map((work): Scenario => {
      const name = `cost: ${work.name}, ${replicas} replica${replicas === 1 ? "" : "s"}`;
      const figure = (who: string, process: string): FigureDefinition => ({
        name: `${name}, ${who}`,
        unit: "CPU µs/event",
        process,
        value: (sample) => microsecondsPerEvent(sample, process),
      });
      return {
        name,
        startProduct: (program) => startCluster(program, replicas, 1, work),
        baselines: [],
        figures: [figure("Ringmain", PRODUCT), figure("all servers", "nats-server")],
      };
    }),
  ),
);
