import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ReadyReport } from "../../../src/app/report/ready-report.ts";

/** Path of the built command line. */
export const cli: string = new URL("../../../bundle/cli/main.js", import.meta.url).pathname;

/** A Ringmain in its own process, started through its command line as a script would. It may not be ready yet. */
export interface LaunchedRingmain {
  readonly pid: number;
  readonly configFile: string;
  /** Lines of standard output so far. */
  readonly lines: readonly string[];
  /** Chunks of standard error so far. */
  readonly errors: readonly string[];
  /** Resolves with the first line that matches, past lines included. Rejects if the process exits without one. */
  line(matches: (line: Readonly<Record<string, unknown>>) => boolean): Promise<Readonly<Record<string, unknown>>>;
  /** Resolves with the exit code once the process has exited. */
  readonly exited: Promise<number | null>;
  /** Sends SIGTERM. Resolves with the exit code. */
  stop(): Promise<number | null>;
  /** Sends SIGKILL. Resolves when the process has exited. */
  kill(): Promise<void>;
}

/** A Ringmain that is ready. */
export interface RunningRingmain extends LaunchedRingmain {
  readonly ready: ReadyReport;
}

export interface RunOptions {
  readonly config?: unknown;
  readonly data?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Maximum size of its files in blocks of the shell's `ulimit -f`. */
  readonly limitBlocks?: number;
}

const folders: string[] = [];

/** Creates an empty folder, which `removeFolders` removes. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ringmain-test-"));
  folders.push(folder);
  return folder;
}

/** Removes all folders created by `temporaryFolder`. */
export async function removeFolders(): Promise<void> {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
}

/** Starts a Ringmain. Resolves when it is ready. */
export async function runRingmain(options: RunOptions = {}): Promise<RunningRingmain> {
  const launched = await launchRingmain(options);
  const ready = (await launched.line(({ event }) => event === "ready")) as unknown as ReadyReport;
  return { ...launched, ready };
}

/** Starts a Ringmain. Resolves at once. */
export async function launchRingmain(options: RunOptions = {}): Promise<LaunchedRingmain> {
  const folder = await temporaryFolder();
  const configFile = join(folder, "ringmain.config.json");
  await writeFile(configFile, JSON.stringify(options.config ?? { topics: [] }));
  const data = options.data ?? join(folder, "data");
  const args = [cli, "start", "--config", configFile, "--port", "0", "--data", data, "--json", ...(options.args ?? [])];
  const [command, commandArgs] = limited([process.execPath, ...args], options.limitBlocks);
  const child = spawn(command, commandArgs, {
    cwd: folder,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "close").then(() => child.exitCode);
  const lines: string[] = [];
  const errors: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk.toString()));
  const line = followLines(child, lines, errors);
  return {
    line,
    configFile,
    pid: child.pid ?? 0,
    lines,
    errors,
    exited,
    stop: () => end(child, "SIGTERM"),
    kill: async () => {
      await end(child, "SIGKILL");
    },
  };
}

function limited([command = "", ...args]: readonly string[], blocks: number | undefined): [string, readonly string[]] {
  if (blocks === undefined) return [command, args];
  return ["sh", ["-c", `ulimit -f ${blocks}; exec "$@"`, "sh", command, ...args]];
}

/**
 * Collects the lines of a process. Returns a function that waits for a line and rejects if the process exits
 * without it.
 */
function followLines(child: ChildProcess, lines: string[], errors: string[]): LaunchedRingmain["line"] {
  const waiting = new Set<() => void>();
  let ended = false;
  const wake = (): void => {
    for (const check of waiting) check();
  };
  if (child.stdout === null) throw new Error("no standard output");
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    wake();
  });
  child.once("close", () => {
    ended = true;
    wake();
  });
  return (matches) =>
    new Promise((found, reject) => {
      let seen = 0;
      const check = (): void => {
        for (; seen < lines.length; seen += 1) {
          const entry = JSON.parse(lines[seen] ?? "null") as Readonly<Record<string, unknown>>;
          if (!matches(entry)) continue;
          waiting.delete(check);
          found(entry);
          return;
        }
        if (!ended) return;
        waiting.delete(check);
        reject(new Error(`exited with ${String(child.exitCode)}: ${errors.join("")}`));
      };
      waiting.add(check);
      check();
    });
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
  return child.exitCode;
}
