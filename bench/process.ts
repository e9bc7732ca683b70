import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A line of JSON that a process printed. */
export type Line = Readonly<Record<string, unknown>>;

/** A process of a benchmark: everything measured runs in one of its own. */
export interface BenchProcess {
  readonly pid: number;
  /** The first line that says it is ready. */
  readonly ready: Line;
  /** The next line for which `wanted` holds, past ones included. */
  line(wanted: (line: Line) => boolean): Promise<Line>;
  /** Sends one JSON line to its standard input. */
  tell(message: Line): void;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a module of this folder's build, or any other script, and waits for its line `{"event":"ready"}`. */
export async function startProcess(script: string, args: readonly string[]): Promise<BenchProcess> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const lines: Line[] = [];
  let waiting: { readonly wanted: (line: Line) => boolean; readonly found: (line: Line) => void }[] = [];
  createInterface({ input: child.stdout }).on("line", (text) => {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    waiting = waiting.filter(({ wanted, found }) => {
      if (!wanted(line)) return true;
      found(line);
      return false;
    });
  });
  const line = (wanted: (candidate: Line) => boolean): Promise<Line> => {
    const past = lines.find(wanted);
    return past === undefined ? new Promise((found) => waiting.push({ wanted, found })) : Promise.resolve(past);
  };
  const died = once(child, "exit").then(([code]) => {
    throw new Error(`${script} exited with ${String(code)} before it was ready`);
  });
  const ready = await Promise.race([line(({ event }) => event === "ready"), died]);
  died.catch(() => {});
  return {
    pid: child.pid ?? 0,
    ready,
    line,
    tell: (message) => child.stdin.write(`${JSON.stringify(message)}\n`),
    stop: (signal = "SIGTERM") => stopChild(child, signal),
  };
}

async function stopChild(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}

/** Prints one JSON line for whoever started this process. */
export function say(line: Line): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Calls `handle` for each JSON line on standard input, and ends the process when that closes. */
export function hear(handle: (message: Line) => void): void {
  createInterface({ input: process.stdin })
    .on("line", (text) => handle(JSON.parse(text) as Line))
    .on("close", () => process.exit(0));
}
