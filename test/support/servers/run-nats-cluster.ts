import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { killProcess, startNatsProcess, type NatsProcess } from "./run-nats.ts";
import { TcpProxy, type Cut } from "./tcp-proxy.ts";

/** In a cluster, the server that Debian 12 ships loses events: continuous integration brings a newer one. */
const SERVER = process.env["RINGMAIN_TEST_NATS_CLUSTER_SERVER"] ?? "nats-server";

/** How many servers form the cluster: what a replica count of three needs. */
export const SERVERS = 3;

/** NATS servers with JetStream that form a cluster, each reaching the others only through links that can be cut. */
export interface NatsCluster {
  readonly version: string;
  /** `kill -9`. */
  kill(server: number): Promise<void>;
  /** Starts it again after `kill`, on the same folder. */
  restart(server: number): Promise<void>;
  /** Cuts all links between one server and the others; clients still reach it. */
  isolate(server: number, how: Cut): void;
  heal(): void;
  /** Makes the servers forget what is locked or held back until when: everything waits again. May be refused. */
  forgetLocks(): Promise<void>;
  /** Links of their own for one client, one to each server. */
  clientLinks(): Promise<readonly TcpProxy[]>;
  /** Whether all servers run and say that their streams and consumers are up to date. */
  healthy(): Promise<boolean>;
  stop(): Promise<void>;
}

/** Starts three servers; resolves once they listen, which may be before they have found a leader. */
export async function runNatsCluster(): Promise<NatsCluster> {
  const folder = await mkdtemp(join(tmpdir(), "ringmain-cluster-"));
  // routes[from][to]: the way by which one server reaches another.
  const routes = await Promise.all(range().map(() => Promise.all(range().map(() => TcpProxy.start()))));
  const clients: TcpProxy[][] = [];
  const servers: NatsProcess[] = [];

  const aim = (index: number): void => {
    const server = servers[index];
    for (const row of routes) row[index]?.leadTo(server?.routePort ?? 0);
    for (const links of clients) links[index]?.leadTo(server?.clientPort ?? 0);
  };
  const start = async (index: number): Promise<void> => {
    servers[index] = await startNatsProcess(["-c", join(folder, String(index), "nats.conf")], SERVER);
    aim(index);
  };

  for (const index of range()) {
    const home = join(folder, String(index));
    const others = (routes[index] ?? []).filter((_route, to) => to !== index).map(({ port }) => port);
    await mkdir(home);
    await writeFile(join(home, "nats.conf"), configuration(index, home, others));
  }
  await Promise.all(range().map(start));

  return {
    version: servers[0]?.version ?? "",
    kill: async (index) => {
      for (const { child } of servers.slice(index, index + 1)) await killProcess(child);
    },
    restart: start,
    isolate: (index, how) => {
      for (const other of range()) {
        routes[index]?.[other]?.cut(how);
        routes[other]?.[index]?.cut(how);
      }
    },
    heal: () => {
      for (const route of routes.flat()) route.heal();
    },
    forgetLocks: () => deleteConsumers(servers.map(({ clientPort }) => `127.0.0.1:${clientPort}`)),
    clientLinks: async () => {
      const links = await Promise.all(range().map(() => TcpProxy.start()));
      clients.push(links);
      for (const index of range()) aim(index);
      return links;
    },
    healthy: async () => {
      const answers = await Promise.all(servers.map(({ monitorPort }) => isHealthy(monitorPort)));
      return answers.every(Boolean);
    },
    stop: async () => {
      await Promise.all(servers.map(({ child }) => killProcess(child)));
      await Promise.all([...routes.flat(), ...clients.flat()].map((proxy) => proxy.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function range(): number[] {
  return Array.from({ length: SERVERS }, (_, index) => index);
}

/**
 * Servers tell each other how further ones are reached, which would lead around the links: what they advertise is a
 * port where nobody listens, so that only the named routes are left.
 */
function configuration(index: number, home: string, routes: readonly number[]): string {
  return `
server_name: "n${index}"
listen: "127.0.0.1:-1"
http: "127.0.0.1:-1"
jetstream { store_dir: "${home}" }
cluster {
  name: "ringmain-test"
  listen: "127.0.0.1:-1"
  advertise: "127.0.0.1:1"
  no_advertise: true
  routes: [${routes.map((port) => `"nats://127.0.0.1:${port}"`).join(", ")}]
}
`;
}

async function deleteConsumers(servers: string[]): Promise<void> {
  const connection = await connect({ servers });
  try {
    const { streams, consumers } = await jetstreamManager(connection, { timeout: 10_000 });
    for await (const { config } of streams.list()) {
      for await (const consumer of consumers.list(config.name)) await consumers.delete(config.name, consumer.name);
    }
  } finally {
    await connection.close();
  }
}

async function isHealthy(monitorPort: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${monitorPort}/healthz`, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
