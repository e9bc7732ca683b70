import { runCommand, type CommandResult } from "../support/clients/run-command.ts";

/** Result of a command. */
export interface CliResult extends CommandResult {
  /** Standard output, one JSON object per line. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

/** Runs the built command line until it exits. */
export async function runCli(args: readonly string[], folder: string): Promise<CliResult> {
  const result = await runCommand(args, folder);
  const lines = result.output.split("\n").filter((line) => line.startsWith("{"));
  return { ...result, lines: lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>) };
}
