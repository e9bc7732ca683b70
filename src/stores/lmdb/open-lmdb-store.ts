import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RingmainError, toError } from "../../core/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Store } from "../../ports/store.ts";
import { assembleStore } from "./assemble-store.ts";
import { checkDataFile } from "./file/check-file.ts";
import { DataFile } from "./file/data-file.ts";
import { FolderWatch } from "./file/folder-watch.ts";
import { migrate, needsMigration, type Migration } from "./file/data-format.ts";
import { CLAIM_NAMES, claimFolder } from "./file/folder-claim.ts";
import { makeDataFolder } from "./file/make-data-folder.ts";
import { obtainLogState } from "./log/log-state.ts";
import { SEGMENT_NAMES } from "./log/segments/read-log.ts";
import { StoreFile } from "./log/store-file.ts";
import { measureQueues } from "./queue/measure-queues.ts";
import { takeOverLog } from "./log/take-over-log.ts";
import { isRecord } from "./repair/records.ts";
import { syncFolder } from "./file/sync-file.ts";

export interface LmdbStoreOptions {
  /** The data folder; made, for its owner alone, when there is none. */
  readonly path: string;
  readonly logger?: Logger;
  /** Measures when the folder is looked at again; without it, it is not watched. */
  readonly clock?: Clock;
  /** For tests: further steps, to formats yet to come; see {@link migrate}. */
  readonly migrations?: readonly Migration<DataFile>[];
  /** For tests; see {@link StoreFile}. */
  readonly segmentBytes?: number;
}

/** A step that only says so: what is there is read as before. */
const nothing: Migration<DataFile> = async () => {};
/**
 * Format 2 has a log beside the data file, format 3 deliveries in packs beside those that are alone; since format 4 the
 * data file says which segments of the log there must be, since format 5 how many bytes each queue holds.
 */
const MIGRATIONS: readonly Migration<DataFile>[] = [nothing, nothing, nothing, measureQueues];

/**
 * A durable store in a folder of this machine, for one process at a time.
 *
 * What has resolved has been flushed to disk and survives the end of the process and of the machine's power. Locks are
 * kept in memory: after a restart what was locked waits again.
 *
 * Errors: `conflict` when another process uses the folder; `store_unavailable` when it cannot be read or written, or
 * was written by a newer Ringmain.
 */
export async function openLmdbStore(options: LmdbStoreOptions): Promise<Store> {
  const { path, logger, clock, migrations = [], segmentBytes } = options;
  const steps = [...MIGRATIONS, ...migrations];
  const folder = await prepareFolder(path);
  const claim = await claimFolder(path);
  try {
    const data = join(path, "data.mdb");
    if (folder === "new") await createDataFile(path, steps);
    checkDataFile(data, isRecord);
    const file = await openFile(path, steps, segmentBytes);
    const watch = clock && new FolderWatch(path, WATCHED, clock);
    return assembleStore(file, () => claim.release(), { logger, watch });
  } catch (thrown) {
    await claim.release();
    throw thrown;
  }
}

/** Opens the data file and its log, and brings them to the current format. */
async function openFile(
  path: string,
  steps: readonly Migration<DataFile>[],
  segmentBytes: number | undefined,
): Promise<StoreFile> {
  const data = new DataFile(path, steps.length + 1);
  try {
    // Steps see the data file alone.
    if (needsMigration(data, steps)) await takeOverLog(data);
    await migrate(data, steps);
    const file = new StoreFile(data, await obtainLogState(data), segmentBytes);
    await file.room.look();
    return file;
  } catch (thrown) {
    await data.close();
    throw thrown;
  }
}

/**
 * Makes a data file that is whole from the moment it is there, so that one which is not is damaged: a process may be
 * killed while it makes one.
 */
async function createDataFile(path: string, migrations: readonly Migration<DataFile>[]): Promise<void> {
  const target = join(path, "data.mdb");
  // Another process may have been faster, before this one had the folder.
  if (existsSync(target)) return;
  const draft = join(path, "new");
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  const file = new DataFile(draft, migrations.length + 1);
  try {
    await migrate(file, migrations);
    await obtainLogState(file);
  } finally {
    await file.close();
  }
  renameSync(join(draft, "data.mdb"), target);
  rmSync(draft, { recursive: true });
  syncFolder(path);
}

/** Files that are made beside a data file, and never without it. */
const COMPANIONS = [...SEGMENT_NAMES, "lock.mdb"];
/** Files that must stay those that were opened. Without those of the claim, another process could have the folder. */
const WATCHED = ["data.mdb", ...SEGMENT_NAMES, ...CLAIM_NAMES];
/** More than the files of an empty store take. */
const FIRST_BYTES = 2 ** 18;

/** Makes the folder, and finds out whether it can be written: LMDB ends the process when it cannot make its files. */
async function prepareFolder(path: string): Promise<"new" | "used"> {
  try {
    await makeDataFolder(path);
    // A data file is there before the others are made: so they are looked for first.
    const others = COMPANIONS.filter((name) => existsSync(join(path, name)));
    if (existsSync(join(path, "data.mdb"))) return "used";
    if (others.length > 0) throw dataFileLost(path, others);
    const probe = join(path, "probe");
    try {
      writeFileSync(probe, Buffer.alloc(FIRST_BYTES), { mode: 0o600, flush: true });
    } finally {
      rmSync(probe, { force: true });
    }
    return "new";
  } catch (thrown) {
    if (thrown instanceof RingmainError) throw thrown;
    const reason = toError(thrown).message;
    throw new RingmainError("store_unavailable", `Cannot use the data folder ${path}: ${reason}`, { cause: thrown });
  }
}

function dataFileLost(path: string, others: readonly string[]): RingmainError {
  return new RingmainError(
    "store_unavailable",
    `${join(path, "data.mdb")} is missing, although the folder has ${others.join(", ")}: topics, subscriptions and ` +
      `deliveries were in it. Put the file or a backup of it back. ` +
      `'ringmain repair --data ${path}' recovers the contents of the log. To start without data, empty the folder`,
  );
}
