import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A NATS server with JetStream in its own process, on a free port, with its own folder. */
export interface RunningNats {
  /** URL of the server, for example `nats://127.0.0.1:34567`. */
  readonly url: string;
  /** Kills the server with SIGKILL. */
  kill(): Promise<void>;
  /** Suspends the server. It keeps its connections but does nothing. */
  suspend(): void;
  resume(): void;
  /** Restarts the server after `kill`, with the same port and folder. */
  restart(): Promise<void>;
  /** Stops the server and removes its folder. */
  stop(): Promise<void>;
}

/**
 * Suspends a process. Waits until all its threads have stopped, if the system reports that: the signal may take
 * effect later.
 */
function suspend(child: ChildProcess): void {
  child.kill("SIGSTOP");
  const tasks = `/proc/${child.pid}/task`;
  const runs = (task: string): boolean => {
    try {
      return !/\) [Tt] /.test(readFileSync(`${tasks}/${task}/stat`, "utf8"));
    } catch {
      // The thread has ended meanwhile.
      return false;
    }
  };
  while (existsSync(tasks) && readdirSync(tasks).some(runs));
}

/** A NATS server's process and its ports; 0 for services it does not listen for. */
export interface NatsProcess {
  readonly child: ChildProcess;
  readonly version: string;
  readonly clientPort: number;
  readonly routePort: number;
  readonly monitorPort: number;
}

/** Starts `nats-server`, which must be on the path (`apt-get install nats-server`). */
export async function runNats(): Promise<RunningNats> {
  const folder = await mkdtemp(join(tmpdir(), "ringmain-nats-"));
  const start = (port: number): Promise<NatsProcess> =>
    startNatsProcess(["-js", "-sd", folder, "-a", "127.0.0.1", "-p", String(port)]);
  let server = await start(-1);
  const port = server.clientPort;
  const kill = (): Promise<void> => killProcess(server.child);
  return {
    url: `nats://127.0.0.1:${port}`,
    kill,
    suspend: () => suspend(server.child),
    resume: () => void server.child.kill("SIGCONT"),
    restart: async () => {
      server = await start(port);
    },
    stop: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Starts a NATS server with the given arguments. Resolves once it listens. */
export async function startNatsProcess(args: readonly string[], command = "nats-server"): Promise<NatsProcess> {
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  const found = { version: "", clientPort: 0, routePort: 0, monitorPort: 0 };
  const port = (pattern: RegExp, line: string, before: number): number => Number(pattern.exec(line)?.[1] ?? before);
  await new Promise<void>((resolve, reject) => {
    let ready = false;
    const waitsForRoutes = args.includes("-c");
    createInterface({ input: child.stderr }).on("line", (line) => {
      found.version = /Version:\s+(\S+)/.exec(line)?.[1] ?? found.version;
      found.clientPort = port(/client connections on \S+:(\d+)/, line, found.clientPort);
      found.routePort = port(/route connections on \S+:(\d+)/, line, found.routePort);
      found.monitorPort = port(/http monitor on \S+:(\d+)/, line, found.monitorPort);
      ready ||= line.includes("Server is ready");
      if (ready && (!waitsForRoutes || found.routePort > 0)) resolve();
    });
    child.once("error", (error) => {
      reject(new Error(`nats-server cannot be run (${error.message}): install it with apt-get install nats-server`));
    });
    child.once("exit", (code) => reject(new Error(`nats-server exited with ${String(code)}`)));
  });
  return { child, ...found };
}

/** Kills a process with SIGKILL. Resolves when it has exited. */
export async function killProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}
