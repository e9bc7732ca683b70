import { constants, existsSync } from "node:fs";
import { chmod, copyFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { RingmainError, toError } from "../../../core/errors.ts";
import { describeLmdbFile, type FileContents } from "./describe-file.ts";
import { claimFolder } from "../file/folder-claim.ts";
import { makeDataFolder } from "../file/make-data-folder.ts";
import { SEGMENT_NAMES } from "../log/segments/read-log.ts";
import { syncFile, syncFolder } from "../file/sync-file.ts";

export interface RestoreOptions {
  /** A file written by `Store.backup`. */
  readonly backup: string;
  /** The data folder. It is created if it does not exist. */
  readonly path: string;
}

/**
 * Makes a backup the data file of a folder that has none. Checks all pages of the backup first.
 *
 * Rejects with `conflict` if there is a data file or a process uses the folder; with `store_unavailable` if the backup
 * is damaged or has a newer format, or if the folder cannot be written.
 */
export async function restoreLmdbStore({ backup, path }: RestoreOptions): Promise<FileContents> {
  const target = join(path, "data.mdb");
  refuseExisting(path);
  const contents = describeLmdbFile(backup);
  await makeDataFolder(path);
  const claim = await claimFolder(path);
  const draft = `${target}.part`;
  try {
    refuseExisting(path);
    await copyFile(backup, draft, constants.COPYFILE_FICLONE);
    await chmod(draft, 0o600);
    await syncFile(draft);
    await rename(draft, target);
    syncFolder(path);
    return contents;
  } catch (thrown) {
    await rm(draft, { force: true });
    if (thrown instanceof RingmainError) throw thrown;
    const message = `Cannot restore ${backup} to ${target}: ${toError(thrown).message}`;
    throw new RingmainError("store_unavailable", message, { cause: thrown });
  } finally {
    await claim.release();
  }
}

function refuseExisting(path: string): void {
  const found = ["data.mdb", ...SEGMENT_NAMES].map((name) => join(path, name)).find((file) => existsSync(file));
  if (found === undefined) return;
  throw new RingmainError("conflict", `${found} already exists. Restore the backup to a folder without data`);
}
