import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import type { WatchedProcess } from "../measurement/processor-time.ts";
import { makeFolder } from "./workspace.ts";

/** NATS servers with JetStream on disk. */
export interface NatsServers {
  /** `nats://host:port[,host:port…]` */
  readonly url: string;
  readonly processes: readonly WatchedProcess[];
  /** Stops them and deletes their data. */
  stop(): Promise<void>;
}

/**
 * Time at which a server flushes acknowledged messages: every two minutes, which is its default, or before the
 * acknowledgment.
 */
export type NatsSync = "default" | "always";

/** The server that the cluster tests use, too. Default: the one on the path. */
const COMMAND = process.env["RINGMAIN_TEST_NATS_CLUSTER_SERVER"] ?? "nats-server";
/** The first version with `sync_interval: always`. */
const SYNC_ALWAYS_SINCE = [2, 10] as const;
/** Ports of one server: for clients, for the other servers, and for monitoring. */
const PORTS_EACH = 3;

/**
 * Parses the version in the output of `nats-server -v`, such as `2.10.27`. Returns `undefined` for another
 * program's output.
 */
export function parseNatsVersion(text: string): string | undefined {
  return /^nats-server: v(\d+\.\d+\.\d+)/.exec(text)?.[1];
}

/** Returns whether a server of this version supports `sync_interval: always`. */
export function knowsSyncAlways(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [wantedMajor, wantedMinor] = SYNC_ALWAYS_SINCE;
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/** Resolves with the version of the server that is used. Rejects if there is none. */
export async function natsVersion(): Promise<string> {
  const child = spawn(COMMAND, ["-v"], { stdio: ["ignore", "pipe", "ignore"] });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  try {
    await once(child, "close");
  } catch (cause) {
    throw new Error("this case needs nats-server (apt-get install nats-server)", { cause });
  }
  const version = parseNatsVersion(text);
  if (version === undefined) throw new Error(`${COMMAND} -v printed no version: ${text}`);
  return version;
}

/** Starts one server, or three that form a cluster. Resolves when they are ready. */
export async function startNatsServers(count: 1 | 3, sync: NatsSync = "default"): Promise<NatsServers> {
  await natsVersion();
  const folder = await makeFolder();
  const ports = await freePorts(count * PORTS_EACH);
  const servers = Array.from({ length: count }, (_, index) => {
    const [client = 0, route = 0, monitor = 0] = ports.slice(index * PORTS_EACH);
    return { home: join(folder, String(index)), name: `n${index}`, client, route, monitor };
  });
  const routes = count === 1 ? [] : servers.map(({ route }) => route);
  const children: ChildProcess[] = [];
  const kill = (): void => {
    for (const child of children) child.kill("SIGKILL");
  };
  process.once("exit", kill);
  for (const server of servers) {
    await mkdir(server.home);
    const file = join(server.home, "nats.conf");
    await writeFile(file, configuration({ ...server, routes, sync }));
    children.push(spawn(COMMAND, ["-c", file], { stdio: "ignore" }));
  }
  await Promise.all(servers.map(({ monitor }, index) => untilHealthy(monitor, children[index])));
  return {
    url: `nats://${servers.map(({ client }) => `127.0.0.1:${client}`).join(",")}`,
    processes: children.map(({ pid }) => ({ name: "nats-server", pid: pid ?? 0 })),
    stop: async () => {
      const ended = children.map((child) => once(child, "exit"));
      for (const child of children) child.kill("SIGTERM");
      await Promise.all(ended);
      process.off("exit", kill);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface ServerOptions {
  readonly home: string;
  readonly name: string;
  readonly client: number;
  readonly route: number;
  readonly monitor: number;
  /** Ports of all servers of the cluster; empty for a single server. */
  readonly routes: readonly number[];
  readonly sync: NatsSync;
}

/** Returns the configuration file of one server. */
export function configuration({ home, name, client, route, monitor, routes, sync }: ServerOptions): string {
  const urls = routes.map((port) => `"nats://127.0.0.1:${port}"`).join(", ");
  return [
    `server_name: "${name}"`,
    `listen: "127.0.0.1:${client}"`,
    `http: "127.0.0.1:${monitor}"`,
    `jetstream { store_dir: "${home}"${sync === "always" ? ", sync_interval: always" : ""} }`,
    ...(routes.length === 0 ? [] : [`cluster { name: "bench", listen: "127.0.0.1:${route}", routes: [${urls}] }`]),
    "",
  ].join("\n");
}

/** Returns ports that were free a moment ago: servers of a cluster must know each other's ports before they start. */
async function freePorts(count: number): Promise<number[]> {
  const listeners = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(listeners.map((listener) => once(listener, "listening")));
  const ports = listeners.map((listener) => (listener.address() as AddressInfo).port);
  await Promise.all(listeners.map((listener) => new Promise((resolve) => listener.close(resolve))));
  return ports;
}

async function untilHealthy(port: number, server: ChildProcess | undefined): Promise<void> {
  for (;;) {
    const ended = server?.exitCode ?? server?.signalCode;
    if (typeof ended === "number" || typeof ended === "string") throw new Error(`nats-server ended (${ended})`);
    const healthy = await fetch(`http://127.0.0.1:${port}/healthz`).then(
      async (response) => {
        await response.body?.cancel();
        return response.ok;
      },
      () => false,
    );
    if (healthy) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
