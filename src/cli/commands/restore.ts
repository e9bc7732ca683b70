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

/** `ringmain restore`: a backup becomes the data of an empty folder. */
export function restoreCommand(): Command {
  const command = new Command("restore")
    .description("Make a backup the data of a folder that has none.")
    .argument("<backup>", "a file that 'ringmain backup' wrote")
    .requiredOption("--data <folder>", "the data folder; made when there is none");
  for (const option of JSON_OPTIONS) command.addOption(option);
  return command.action(restore).addHelpText(
    "after",
    `
The next 'ringmain start --data <folder>' goes on from the moment of the backup: what was delivered since is delivered
once more, what was published since is not there.`,
  );
}

async function restore(backup: string, flags: RestoreFlags): Promise<void> {
  const [from, path] = [resolve(backup), resolve(flags.data)];
  if (!existsSync(from)) throw new ExitError(2, [`There is no file ${from}`]);
  const { restoreStore } = await import("../../app/parts/restore-store.ts");
  const contents = await restoreStore({ backup: from, path });
  createOutput(flags.json).report("restored", { data: path, ...contents }, `${path}: ${describeContents(contents)}`);
}
