import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Servers with JetStream on disk, as they flush unless told otherwise: every two minutes. */
export interface NatsServers {
  /** `nats://host:port[,host:port…]` */
  readonly url: string;
  readonly version: string;
  readonly pids: readonly number[];
  /** Ends them and removes what they stored. */
  stop(): Promise<void>;
}

/** Ports of one server: for clients, for the other servers, for its state. */
const PORTS_EACH = 3;

/** Starts one server, or several that form a cluster; resolves when they are up to date. */
export async function startNatsServers(count: 1 | 3): Promise<NatsServers> {
  const folder = await mkdtemp(join(tmpdir(), "ringmain-bench-nats-"));
  const firstPort = 20_000 + (process.pid % 10_000);
  const servers = Array.from({ length: count }, (_, index) => ({ index, port: firstPort + index * PORTS_EACH }));
  const routes = servers.map(({ port }) => `"nats://127.0.0.1:${port + 1}"`).join(", ");
  const children: ChildProcess[] = [];
  let version = "";
  for (const { index, port } of servers) {
    const home = join(folder, String(index));
    await mkdir(home);
    const cluster = `cluster { name: "bench", listen: "127.0.0.1:${port + 1}", routes: [${routes}] }`;
    await writeFile(
      join(home, "nats.conf"),
      `server_name: "n${index}"
listen: "127.0.0.1:${port}"
http: "127.0.0.1:${port + 2}"
jetstream { store_dir: "${home}" }
${count > 1 ? cluster : ""}
`,
    );
    const child = spawn("nats-server", ["-c", join(home, "nats.conf")], { stdio: ["ignore", "ignore", "pipe"] });
    child.once("error", () => {
      throw new Error("this case needs nats-server (apt-get install nats-server)");
    });
    child.stderr.on("data", (chunk: Buffer) => (version = /Version:\s+(\S+)/.exec(chunk.toString())?.[1] ?? version));
    children.push(child);
  }
  for (const { port } of servers) await untilHealthy(port + 2);
  return {
    url: `nats://${servers.map(({ port }) => `127.0.0.1:${port}`).join(",")}`,
    version,
    pids: children.map(({ pid }) => pid ?? 0),
    stop: async () => {
      const ended = children.map((child) => once(child, "exit"));
      for (const child of children) child.kill("SIGTERM");
      await Promise.all(ended);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilHealthy(port: number): Promise<void> {
  for (;;) {
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
