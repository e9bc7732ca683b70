import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { killProcess, startNatsProcess, type NatsProcess } from "./run-nats.ts";
import { TcpProxy, type Cut } from "./tcp-proxy.ts";

/**
 * The NATS server. In a cluster, the version in Debian 12 loses events, so continuous integration provides a newer one.
 */
const SERVER = process.env["RINGMAIN_TEST_NATS_CLUSTER_SERVER"] ?? "nats-server";

/** Number of servers in the cluster, as three replicas require. */
export const SERVERS = 3;

/** A cluster of NATS servers with JetStream. The servers reach each other only through links that can be cut. */
export interface NatsCluster {
  readonly version: string;
  /** Kills a server with SIGKILL. */
  kill(server: number): Promise<void>;
  /** Restarts a server after `kill`, with the same folder. */
  restart(server: number): Promise<void>;
  /** Cuts all links between one server and the others. Clients still reach it. */
  isolate(server: number, how: Cut): void;
  heal(): void;
  /** Makes the servers forget locks and delays, so that all deliveries wait again. May be refused. */
  forgetLocks(): Promise<void>;
  /** Creates separate links for one client, one to each server. */
  clientLinks(): Promise<readonly TcpProxy[]>;
  /** Returns whether all servers run and report their streams and consumers as current. */
  healthy(): Promise<boolean>;
  stop(): Promise<void>;
}

/** Starts three servers. Resolves once they listen, perhaps before they have elected a leader. */
export async function runNatsCluster(): Promise<NatsCluster> {
  const folder = await mkdtemp(join(tmpdir(), "ringmain-cluster-"));
  // routes[from][to] is the link by which one server reaches another.
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
 * Returns a server's configuration. Servers advertise their addresses to each other, which would bypass the links.
 * They therefore advertise a port on which nothing listens, so that only the configured routes work.
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
