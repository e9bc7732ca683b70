import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Line } from "../programs/lines.ts";

/** A process whose standard input and output are pipes; what it writes to standard error is shown. */
export type PipedProcess = ChildProcessByStdio<Writable, Readable, null>;

type Environment = Readonly<Record<string, string>>;

const running = new Set<PipedProcess>();

/** No process outlives the benchmark. */
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  process.once(signal, () => process.exit(code));
}

/** Spawns a process that is killed when the benchmark ends. */
export function spawnPiped(command: string, args: readonly string[], environment: Environment = {}): PipedProcess {
  const env = { ...process.env, ...environment };
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"], env });
  running.add(child);
  child.once("exit", () => running.delete(child));
  // Whoever waits for a line is told by the exit; writing to a process that ended is no error of its own.
  child.stdin.on("error", () => {});
  return child;
}

/** Resolves with the exit code, or with the signal that ended the process. */
export async function exitOf(child: PipedProcess): Promise<number | NodeJS.Signals | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? child.signalCode;
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return code ?? signal;
}

/** A Node process of a benchmark: everything measured runs in one of its own. */
export interface BenchProcess {
  readonly pid: number;
  /** The line by which it said that it is ready. */
  readonly ready: Line;
  /** Sends a line and resolves with the line that replies to it. Rejects when the process ends before it replies. */
  readonly ask: (message: Line) => Promise<Line>;
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
}

/** Starts a script and waits for its line `{"event":"ready"}`. */
export async function startScript(
  script: string,
  args: readonly string[],
  environment: Environment = {},
): Promise<BenchProcess> {
  const child = spawnPiped(process.execPath, [script, ...args], environment);
  let questions = 0;
  const waiting = new Map<unknown, (line: Line) => void>();
  createInterface({ input: child.stdout }).on("line", (text) => {
    const line = JSON.parse(text) as Line;
    const key = line["replyTo"] ?? line["event"];
    waiting.get(key)?.(line);
    waiting.delete(key);
  });
  const ended = exitOf(child).then((how) => {
    throw new Error(`${script} ended (${String(how)})`);
  });
  let stopping = false;
  // It fails what waits for a line; where nothing waits, what fails next would not say why.
  ended.catch((error: unknown) => {
    if (!stopping) process.stderr.write(`${String(error)}\n`);
  });
  const reply = (key: unknown): Promise<Line> =>
    Promise.race([new Promise<Line>((resolve) => waiting.set(key, resolve)), ended]);
  const ready = await reply("ready");
  return {
    pid: child.pid ?? 0,
    ready,
    ask: (message) => {
      questions += 1;
      child.stdin.write(`${JSON.stringify({ ...message, replyTo: questions })}\n`);
      return reply(questions);
    },
    stop: async (signal = "SIGTERM") => {
      stopping = true;
      child.kill(signal);
      await exitOf(child);
    },
  };
}
