import { rmSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { RingmainError } from "../../core/errors.ts";
import type { Backup, MakeBackup } from "../../http/admin/backup.ts";
import type { Store } from "../../ports/store.ts";

/**
 * Creates a function that makes backups of a store. It first copies the store's state at one moment to a file in the data
 * folder, then streams that file at the receiver's speed. Only one backup is made at a time: the function rejects with
 * `conflict` while another is in progress. Files that a killed process left are deleted here.
 */
export function createBackupMaker(store: Store, folder: string): MakeBackup {
  const file = join(folder, "backup.mdb");
  const { backup } = store;
  if (backup === undefined) {
    return async () => {
      throw new RingmainError("not_supported", "This store cannot be backed up, because it is not durable.");
    };
  }
  for (const left of [file, `${file}.part`]) rmSync(left, { recursive: true, force: true });
  let busy = false;
  return async () => {
    if (busy) throw new RingmainError("conflict", "A backup is already in progress. Try again when it has ended.");
    busy = true;
    const release = async (): Promise<void> => {
      await rm(file, { force: true });
      busy = false;
    };
    try {
      await backup(file);
      return await openBackup(file, release);
    } catch (thrown) {
      await release();
      throw thrown;
    }
  };
}

async function openBackup(file: string, release: () => Promise<void>): Promise<Backup> {
  const handle = await open(file);
  const { size } = await handle.stat();
  const stream = handle.createReadStream({ highWaterMark: 2 ** 18 });
  stream.once("close", () => void release());
  return { bytes: size, body: Readable.toWeb(stream) as ReadableStream<Uint8Array> };
}
