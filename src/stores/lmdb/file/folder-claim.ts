import { realpathSync } from "node:fs";
import { join } from "node:path";
import { pid } from "node:process";
import type { RootDatabase, RootDatabaseOptionsWithPath } from "lmdb";
import { RingmainError, toError } from "../../../core/errors.ts";
import { checkLmdbFile } from "./check-file.ts";
import { open } from "./lmdb.ts";

/** The files of a claim. */
export const CLAIM_NAMES = ["owner.mdb", "owner.mdb-lock"] as const;

/** Folders that this process has claimed. LMDB does not refuse to open a folder twice in one process. */
const openHere = new Set<string>();

/** The exclusive right to use a data folder. */
export interface FolderClaim {
  /** Releases the folder. Idempotent. */
  release(): Promise<void>;
}

/**
 * Claims a folder for this process.
 *
 * A claim is a reader slot in a small LMDB file beside the data file, which stays open when the data file is reopened.
 * LMDB backs each slot by a kernel lock, which ends with the process in any case, so that a claim never outlives its
 * process. If two processes start at the same moment, both may be refused. Processes in different process id
 * namespaces, such as two containers, are not reliably kept apart.
 *
 * Rejects with `conflict` if another process, or this one, uses the folder; with `store_unavailable` if the folder
 * cannot be used.
 */
export async function claimFolder(folder: string): Promise<FolderClaim> {
  const path = realpathSync(folder);
  if (openHere.has(path)) throw inUse(folder, "this process");
  openHere.add(path);
  try {
    const owner = takeSlot(path);
    const others = otherReaders(owner.readerList());
    if (others.length > 0) {
      await owner.close();
      throw inUse(folder, `process ${others.join(", ")}`);
    }
    let released: Promise<void> | undefined;
    return {
      release: () => (released ??= owner.close().then(() => void openHere.delete(path))),
    };
  } catch (thrown) {
    openHere.delete(path);
    if (thrown instanceof RingmainError) throw thrown;
    const reason = toError(thrown).message;
    throw new RingmainError("store_unavailable", `Cannot use the data folder ${folder}: ${reason}`, { cause: thrown });
  }
}

function takeSlot(folder: string): RootDatabase<Buffer, string> {
  const path = join(folder, CLAIM_NAMES[0]);
  checkLmdbFile(path);
  // lmdb-js supports the mode of its files, but its types do not.
  const options: RootDatabaseOptionsWithPath & { permissionsMode: number } = {
    path,
    noSubdir: true,
    encoding: "binary",
    overlappingSync: false,
    mapSize: 1_048_576,
    permissionsMode: 0o600,
  };
  const owner = open<Buffer, string>(options);
  // The first read occupies the slot. The check releases the slots of processes that have died.
  owner.get("owner");
  owner.readerCheck();
  return owner;
}

/**
 * Returns the ids of the other processes in a table of readers, which has one line per reader, starting with the
 * process id.
 */
function otherReaders(table: string): string[] {
  const ids = Array.from(table.matchAll(/^\s*(\d+)\s/gm), ([, id]) => id ?? "");
  return [...new Set(ids)].filter((id) => id !== String(pid));
}

function inUse(folder: string, by: string): RingmainError {
  return new RingmainError(
    "conflict",
    `The data folder ${folder} is in use by ${by}; only one process can use it. ` +
      "Stop that process, or choose another folder with '--data'",
  );
}
