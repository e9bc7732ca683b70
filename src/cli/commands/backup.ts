import { createWriteStream, existsSync, renameSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { Command } from "commander";
import type { FileContents } from "../../app/parts/restore-store.ts";
import { toError } from "../../core/errors.ts";
import { ExitError } from "../exit-error.ts";
import { createOutput, JSON_OPTIONS } from "../output.ts";
import {
  addServerOptions,
  callServer,
  errorMessage,
  runningServer,
  type RunningServer,
  type ServerFlags,
} from "../running-server.ts";

interface BackupFlags extends ServerFlags {
  readonly json?: boolean;
}

/** Creates the command `ringmain backup`, which copies the state of a running Ringmain at one moment. */
export function backupCommand(): Command {
  const command = new Command("backup")
    .description("Back up a running Ringmain to a file: topics, subscriptions and waiting deliveries.")
    .argument("<target>", "the new file, or a folder for a file that is named by the time");
  addServerOptions(command);
  for (const option of JSON_OPTIONS) command.addOption(option);
  return command.action(backup).addHelpText(
    "after",
    `
The backup contains access keys and event data. Restore it to an empty folder with 'ringmain restore'. After a clean
stop of Ringmain, you can also copy data.mdb from the data folder.`,
  );
}

async function backup(target: string, flags: BackupFlags): Promise<void> {
  const file = chooseFile(resolve(target));
  const server = runningServer(flags);
  const draft = `${file}.part`;
  let contents: FileContents;
  try {
    await download(server, draft);
    const { describeBackup } = await import("../../app/parts/restore-store.ts");
    contents = describeBackup(draft);
    renameSync(draft, file);
  } catch (thrown) {
    rmSync(draft, { force: true });
    throw thrown;
  }
  createOutput(flags.json).report("backed_up", { file, ...contents }, `${file}: ${describeContents(contents)}`);
}

/** Returns a short description of a backup. */
export function describeContents({ resources, deliveries, bytes }: FileContents): string {
  return `${resources} resources, ${deliveries} deliveries, ${(bytes / 1_000_000).toFixed(1)} MB`;
}

function chooseFile(target: string): string {
  const stats = statSync(target, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true) {
    return join(target, `ringmain-${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "")}.mdb`);
  }
  if (stats !== undefined) throw new ExitError(2, [`${target} already exists. Name a new file or a folder.`]);
  if (!existsSync(resolve(target, "..")))
    throw new ExitError(2, [`The folder ${resolve(target, "..")} does not exist.`]);
  return target;
}

async function download(server: RunningServer, file: string): Promise<void> {
  const response = await callServer(server, "/ringmain/backup");
  if (response.status !== 200 || response.body === null) {
    throw new ExitError(1, [`${response.status}: ${errorMessage(await response.text())}`]);
  }
  try {
    const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
    await pipeline(body, createWriteStream(file, { flags: "w", mode: 0o600, flush: true }));
  } catch (thrown) {
    throw new ExitError(1, [`The backup was interrupted: ${toError(thrown).message}. Run the command again.`]);
  }
}
