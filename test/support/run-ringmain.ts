import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ReadyReport } from "../../src/app/ready-report.ts";

const cli = new URL("../../dist/cli/main.js", import.meta.url).pathname;

/** A Ringmain in a process of its own, started through its command line as a script would. */
export interface RunningRingmain {
  readonly ready: ReadyReport;
  readonly pid: number;
  /** Every line of standard output so far. */
  readonly lines: readonly string[];
  /** Everything on standard error so far. */
  readonly errors: readonly string[];
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

export interface RunOptions {
  readonly config?: unknown;
  readonly data?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const folders: string[] = [];

/** A new empty folder; `removeFolders` takes it away. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ringmain-test-"));
  folders.push(folder);
  return folder;
}

/** Removes all folders made here. */
export async function removeFolders(): Promise<void> {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
}

export async function runRingmain(options: RunOptions = {}): Promise<RunningRingmain> {
  const folder = await temporaryFolder();
  const configFile = join(folder, "ringmain.config.json");
  await writeFile(configFile, JSON.stringify(options.config ?? { topics: [] }));
  const data = options.data ?? join(folder, "data");
  const args = [cli, "start", "--config", configFile, "--port", "0", "--data", data, "--json", ...(options.args ?? [])];
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const errors: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk.toString()));
  const ready = await readyLine(child, lines, errors);
  return {
    ready,
    pid: child.pid ?? 0,
    lines,
    errors,
    stop: () => end(child, "SIGTERM"),
    kill: async () => {
      await end(child, "SIGKILL");
    },
  };
}

function readyLine(child: ChildProcess, lines: string[], errors: string[]): Promise<ReadyReport> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) throw new Error("no standard output");
    createInterface({ input: child.stdout }).on("line", (line) => {
      lines.push(line);
      const entry: unknown = JSON.parse(line);
      if (typeof entry === "object" && entry !== null && "event" in entry && entry.event === "ready") {
        resolve(entry as unknown as ReadyReport);
      }
    });
    child.once("exit", (code) => reject(new Error(`exited with ${code} before ready: ${errors.join("")}`)));
  });
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
  return child.exitCode;
}
