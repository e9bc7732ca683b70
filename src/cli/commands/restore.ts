import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Command } from "commander";
import { ExitError } from "../exit-error.ts";
import { createOutput, JSON_OPTIONS } from "../output.ts";
import { describeContents } from "./backup.ts";

interface RestoreFlags {
  readonly json?: boolean;
  readonly data: string;
}

/** Creates the command `ringmain restore`, which restores a backup to a folder without data. */
export function restoreCommand(): Command {
  const command = new Command("restore")
    .description("Restore a backup to a folder without data.")
    .argument("<backup>", "a file from 'ringmain backup'")
    .requiredOption("--data <folder>", "the data folder; created if it does not exist");
  for (const option of JSON_OPTIONS) command.addOption(option);
  return command.action(restore).addHelpText(
    "after",
    `
The next 'ringmain start --data <folder>' continues from the moment of the backup. It delivers again what was delivered
since. Events that were published since are missing.`,
  );
}

async function restore(backup: string, flags: RestoreFlags): Promise<void> {
  const [from, path] = [resolve(backup), resolve(flags.data)];
  if (!existsSync(from)) throw new ExitError(2, [`The file ${from} does not exist.`]);
  const { restoreStore } = await import("../../app/parts/restore-store.ts");
  const contents = await restoreStore({ backup: from, path });
  createOutput(flags.json).report("restored", { data: path, ...contents }, `${path}: ${describeContents(contents)}`);
}
