import { spawn } from "node:child_process";
import { once } from "node:events";
import { cli } from "../servers/run-ringmain.ts";

/** Result of a command. */
export interface CommandResult {
  readonly code: number | null;
  /** `null` unless the process was killed or crashed. */
  readonly signal: string | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs the built command line until it exits, with `input` on its standard input. */
export async function runCommand(args: readonly string[], folder: string, input = ""): Promise<CommandResult> {
  const child = spawn(process.execPath, [cli, ...args], { cwd: folder, stdio: ["pipe", "pipe", "pipe"] });
  let [output, errors] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  child.stdin.end(input);
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return { code, signal, output, errors };
}
