import { spawn } from "node:child_process";
import { once } from "node:events";
import { cli } from "../support/run-ringmain.ts";

/** How a command ended. */
export interface CliResult {
  readonly code: number | null;
  /** `null` unless the process was killed, or crashed. */
  readonly signal: string | null;
  /** Standard output, one JSON object a line. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  readonly errors: string;
}

/** Runs the built command line to its end. */
export async function runCli(args: readonly string[], folder: string): Promise<CliResult> {
  const child = spawn(process.execPath, [cli, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let [output, errors] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  const lines = output.split("\n").filter((line) => line.startsWith("{"));
  return { code, signal, errors, lines: lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>) };
}
