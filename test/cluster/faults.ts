import { SERVERS, type NatsCluster } from "../support/servers/run-nats-cluster.ts";
import type { SeededRandom } from "../support/fixtures/seeded-random.ts";
import type { Cut } from "../support/servers/tcp-proxy.ts";
import type { RingmainNode } from "./ringmain-node.ts";

/** The parts of a test that faults affect. */
export interface FaultScene {
  readonly cluster: NatsCluster;
  readonly nodes: readonly RingmainNode[];
  readonly random: SeededRandom;
}

/** A fault that lasts until it is repaired. */
export interface Fault {
  /** Description, for example `server 2 partitioned (stall)`. */
  readonly name: string;
  mend(): Promise<void>;
}

type Begin = (scene: FaultScene) => Promise<Fault>;

const CUTS: readonly Cut[] = ["reset", "stall"];
const ALL_SERVERS: readonly number[] = Array.from({ length: SERVERS }, (_, index) => index);

const nodeKilled: Begin = async ({ nodes, random }) => {
  const node = random.pick(nodes);
  await node.kill();
  return { name: `ringmain ${node.name} killed`, mend: () => node.start() };
};

const serverKilled: Begin = async ({ cluster, random }) => {
  const server = random.below(SERVERS);
  await cluster.kill(server);
  return { name: `server ${server} killed`, mend: () => cluster.restart(server) };
};

const serverPartitioned: Begin = async ({ cluster, random }) => {
  const server = random.below(SERVERS);
  const how = random.pick(CUTS);
  cluster.isolate(server, how);
  return { name: `server ${server} partitioned (${how})`, mend: async () => cluster.heal() };
};

const linkCut: Begin = async ({ nodes, random }) => {
  const node = random.pick(nodes);
  const how = random.pick(CUTS);
  const servers = random.next() < 0.5 ? ALL_SERVERS : [random.below(SERVERS)];
  node.cut(servers, how);
  return {
    name: `ringmain ${node.name} cut off from server ${servers.join(", ")} (${how})`,
    mend: async () => node.heal(),
  };
};

const serversKilled: Begin = async ({ cluster, random }) => {
  const spared = random.next() < 0.5 ? random.below(SERVERS) : undefined;
  const servers = ALL_SERVERS.filter((server) => server !== spared);
  await Promise.all(servers.map((server) => cluster.kill(server)));
  return {
    name: `servers ${servers.join(", ")} killed`,
    mend: async () => {
      await Promise.all(servers.map((server) => cluster.restart(server)));
    },
  };
};

/** Returns a fault that combines two faults. */
function together(first: Begin, second: Begin): Begin {
  return async (scene) => {
    const faults = [await first(scene), await second(scene)];
    return {
      name: faults.map(({ name }) => name).join(" and "),
      mend: async () => {
        await Promise.all(faults.map((fault) => fault.mend()));
      },
    };
  };
}

/** Every kind of fault. A short run has one of each, a longer one continues at random. */
export const FAULTS: readonly Begin[] = [nodeKilled, serverKilled, serverPartitioned, linkCut];

/** Severe faults for longer runs. */
export const WORSE_FAULTS: readonly Begin[] = [
  serversKilled,
  together(nodeKilled, serverKilled),
  together(nodeKilled, serverPartitioned),
  together(linkCut, serverKilled),
];
