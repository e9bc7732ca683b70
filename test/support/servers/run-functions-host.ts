import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { FunctionsHost, FunctionsHostOptions } from "../../../src/functions-host/host/functions-host.ts";

const runner = new URL("functions-host-runner.mjs", import.meta.url).pathname;

/** Returns the folder of an app in `function-apps/`. */
export function functionApp(name: string): string {
  return new URL(`../fixtures/function-apps/${name}`, import.meta.url).pathname;
}

/** A line from the log of a hosted app or of its runner. */
export interface HostLine {
  readonly event: string;
  readonly level?: string;
  readonly function?: string;
  readonly message?: string;
  readonly [field: string]: unknown;
}

/** A functions host in its own process that is ready or has failed. */
export interface RunningFunctionsHost {
  readonly url: string;
  readonly functions: FunctionsHost["functions"];
  readonly lines: readonly HostLine[];
  /** Resolves with the first line that matches, past lines included. Rejects if the process exits without one. */
  until(matches: (line: HostLine) => boolean): Promise<HostLine>;
  /** Sends SIGTERM without waiting for the exit. */
  askToStop(): void;
  /** Sends SIGTERM. Resolves with the exit code. */
  stop(): Promise<number | null>;
}

export type RunOptions = Partial<Omit<FunctionsHostOptions, "logger">> & { readonly appFolder: string };

export async function runFunctionsHost(
  options: RunOptions,
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningFunctionsHost> {
  const child = spawn(process.execPath, [runner, JSON.stringify(options)], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const lines: HostLine[] = [];
  const waiting = new Set<() => void>();
  let ended = false;
  const wake = (): void => {
    for (const done of waiting) done();
  };
  const output = createInterface({ input: child.stdout });
  output.on("line", (line) => {
    lines.push(line.startsWith("{") ? (JSON.parse(line) as HostLine) : { event: "console", message: line });
    wake();
  });
  output.on("close", () => {
    ended = true;
    wake();
  });
  const until = async (matches: (line: HostLine) => boolean): Promise<HostLine> => {
    for (;;) {
      const found = lines.find(matches);
      if (found !== undefined) return found;
      if (ended)
        throw new Error(`the host ended without that line:\n${lines.map((line) => JSON.stringify(line)).join("\n")}`);
      // oxlint-disable-next-line no-await-in-loop -- waits for the next line
      await new Promise<void>((resolve) => {
        const done = (): void => {
          waiting.delete(done);
          resolve();
        };
        waiting.add(done);
      });
    }
  };
  const first = await until(({ event }) => event === "ready" || event === "failed");
  return {
    url: typeof first["url"] === "string" ? first["url"] : "",
    functions: (first["functions"] ?? []) as FunctionsHost["functions"],
    lines,
    until,
    askToStop: () => {
      child.kill("SIGTERM");
    },
    stop: async () => {
      // A host that has failed exits by itself.
      if (first.event === "ready") child.kill("SIGTERM");
      await exited;
      return child.exitCode;
    },
  };
}
