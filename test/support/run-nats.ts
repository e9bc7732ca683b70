import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A NATS server with JetStream in a process of its own, on a free port, with a folder of its own. */
export interface RunningNats {
  /** For example `nats://127.0.0.1:34567`. */
  readonly url: string;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** It keeps its connections, but does nothing. */
  suspend(): void;
  resume(): void;
  /** Starts it again after `kill`, on the same port and folder. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** Starts `nats-server`, which must be on the path: `apt-get install nats-server`. */
export async function runNats(): Promise<RunningNats> {
  const folder = await mkdtemp(join(tmpdir(), "ringmain-nats-"));
  let server = await start(folder, -1);
  const { port } = server;
  const kill = async (): Promise<void> => {
    const { child } = server;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };
  return {
    url: `nats://127.0.0.1:${port}`,
    kill,
    suspend: () => void server.child.kill("SIGSTOP"),
    resume: () => void server.child.kill("SIGCONT"),
    restart: async () => {
      server = await start(folder, port);
    },
    stop: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function start(folder: string, port: number): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = spawn("nats-server", ["-js", "-sd", folder, "-a", "127.0.0.1", "-p", String(port)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const listening = await new Promise<number>((resolve, reject) => {
    let found = port;
    createInterface({ input: child.stderr }).on("line", (line) => {
      found = Number(/client connections on \S+:(\d+)/.exec(line)?.[1] ?? found);
      if (line.includes("Server is ready")) resolve(found);
    });
    child.once("error", (error) => {
      reject(new Error(`nats-server cannot be run (${error.message}): install it with apt-get install nats-server`));
    });
    child.once("exit", (code) => reject(new Error(`nats-server exited with ${String(code)}`)));
  });
  return { child, port: listening };
}
