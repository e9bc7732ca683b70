import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Line } from "../programs/lines.ts";

/** A process with pipes as standard input and output. Its standard error is shown. */
export type PipedProcess = ChildProcessByStdio<Writable, Readable, null>;

type Environment = Readonly<Record<string, string>>;

const running = new Set<PipedProcess>();

/** Kills all processes on exit, so that none outlives the benchmark. */
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
  // Ignored: writing to an ended process fails, and its exit is reported to waiting callers.
  child.stdin.on("error", () => {});
  return child;
}

/** Resolves with the exit code, or with the signal that ended the process. */
export async function exitOf(child: PipedProcess): Promise<number | NodeJS.Signals | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? child.signalCode;
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return code ?? signal;
}

/** A Node process of a benchmark. Everything that is measured runs in its own process. */
export interface BenchProcess {
  readonly pid: number;
  /** The line with which it reported that it is ready. */
  readonly ready: Line;
  /** Sends a line and resolves with the reply. Rejects if the process ends before it replies. */
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
  // A rejection fails only callers that wait for a line. Where none waits, the reason would be lost.
  ended.catch((error: unknown) => {
    if (!stopping)
      process.stderr.write(`${String(error)}
`);
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
