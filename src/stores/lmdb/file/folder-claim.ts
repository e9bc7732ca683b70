import { realpathSync } from "node:fs";
import { join } from "node:path";
import { pid } from "node:process";
import type { RootDatabase, RootDatabaseOptionsWithPath } from "lmdb";
import { RingmainError, toError } from "../../../core/errors.ts";
import { checkLmdbFile } from "./check-file.ts";
import { open } from "./lmdb.ts";

/** The files of a claim. */
export const CLAIM_NAMES = ["owner.mdb", "owner.mdb-lock"] as const;

/** Folders this process has open: LMDB would let one process open a folder twice without a word. */
const openHere = new Set<string>();

/** The right to use a data folder. */
export interface FolderClaim {
  /** Gives the folder back. Idempotent. */
  release(): Promise<void>;
}

/**
 * Claims a folder for this process alone.
 *
 * Holds a reader's slot in a small LMDB file beside the data, which stays open when the data file is opened anew. LMDB
 * backs each slot by a lock of the kernel, which ends with the process however it ends: a claim never outlives its
 * process. Two processes that start at the very same moment may both be refused. Processes that number processes
 * differently (two containers) are not kept apart for certain.
 *
 * Errors: `conflict` when another process, or this one, uses the folder; `store_unavailable` when it cannot be used.
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
  // lmdb-js knows the mode of its files, its types do not.
  const options: RootDatabaseOptionsWithPath & { permissionsMode: number } = {
    path,
    noSubdir: true,
    encoding: "binary",
    overlappingSync: false,
    mapSize: 1_048_576,
    permissionsMode: 0o600,
  };
  const owner = open<Buffer, string>(options);
  // The first read takes the slot; the check frees the slots of processes that died.
  owner.get("owner");
  owner.readerCheck();
  return owner;
}

/** The processes of a table of readers, one a line with the process id first, without this one. */
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
