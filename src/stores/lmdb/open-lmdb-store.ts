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
import { applyLog } from "./log/apply-log.ts";
import { isRecord } from "./repair/records.ts";
import { syncFolder } from "./file/sync-file.ts";

export interface LmdbStoreOptions {
  /** The data folder. It is created, with access for its owner only, if it does not exist. */
  readonly path: string;
  readonly logger?: Logger;
  /** Clock for watching the data folder. If unset, the folder is not watched. */
  readonly clock?: Clock;
  /** For tests: migrations to future formats; see {@link migrate}. */
  readonly migrations?: readonly Migration<DataFile>[];
  /** For tests; see {@link StoreFile}. */
  readonly segmentBytes?: number;
}

/** A migration to a format that includes the one before it. */
const readAsBefore: Migration<DataFile> = async () => {};
/**
 * Migrations from each format to the next. Format 2 added a log to the data file, and format 3 packs of deliveries. In
 * format 4 the data file contains which segments of the log are needed; in format 5, the number of bytes in each queue.
 */
const MIGRATIONS: readonly Migration<DataFile>[] = [readAsBefore, readAsBefore, readAsBefore, measureQueues];

/**
 * Opens a durable store in a folder of this machine, for one process at a time.
 *
 * Every write that has resolved is flushed to disk and survives a crash of the process and a power failure. Locks are
 * kept in memory: after a restart, locked deliveries wait again.
 *
 * Rejects with `conflict` if another process uses the folder; with `store_unavailable` if the folder cannot be read or
 * written, or was written by a newer version of Ringmain.
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

/** Opens the data file and its log, and migrates them to the current format. */
async function openFile(
  path: string,
  steps: readonly Migration<DataFile>[],
  segmentBytes: number | undefined,
): Promise<StoreFile> {
  const data = new DataFile(path, steps.length + 1);
  try {
    // Migrations see the data file only, so the log is applied to it first.
    if (needsMigration(data, steps)) await applyLog(data);
    await migrate(data, steps);
    const file = new StoreFile(data, await obtainLogState(data), segmentBytes);
    await file.room.search();
    return file;
  } catch (thrown) {
    await data.close();
    throw thrown;
  }
}

/**
 * Creates a data file that is complete as soon as it has its name, because the process may be killed while it creates
 * the file. An incomplete data file is therefore damaged.
 */
async function createDataFile(path: string, migrations: readonly Migration<DataFile>[]): Promise<void> {
  const target = join(path, "data.mdb");
  // Another process may have created it before this one claimed the folder.
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

/** Files that are created after a data file, and never exist without it. */
const COMPANIONS = [...SEGMENT_NAMES, "lock.mdb"];
/**
 * Files that must not be replaced while the store is open. If the files of the claim were lost, another process could
 * claim the folder.
 */
const WATCHED = ["data.mdb", ...SEGMENT_NAMES, ...CLAIM_NAMES];
/** More bytes than the files of an empty store have. */
const FIRST_BYTES = 2 ** 18;

/**
 * Creates the folder if necessary, and checks that it is writable: LMDB ends the process if it cannot create its files.
 */
async function prepareFolder(path: string): Promise<"new" | "used"> {
  try {
    await makeDataFolder(path);
    // The data file is created before its companions, so they are looked for before it.
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
