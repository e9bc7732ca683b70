import { copyFileSync, existsSync, linkSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { RingmainError } from "../../../core/errors.ts";
import { findDamage } from "../file/check-file.ts";
import { DataFile } from "../file/data-file.ts";
import { claimFolder } from "../file/folder-claim.ts";
import { addLoggedWrites, type LoggedWrites } from "../log/add-logged-writes.ts";
import type { Damage } from "../file/pages/walk-file.ts";
import { PageFile } from "../file/pages/page-file.ts";
import { salvage } from "../file/pages/salvage.ts";
import { LOOSE_EVENTS_FILE, writeSalvage, type Recovered } from "./write-salvage.ts";
import { syncFolder } from "../file/sync-file.ts";

export interface RepairOptions {
  /** The data folder with the damaged file. */
  readonly path: string;
  /** Another folder for the new file; without it, it takes the damaged one's place. */
  readonly out?: string;
  /** Makes the name of the file that is put aside unique: `data.damaged-<label>.mdb`. */
  readonly label: string;
}

/** What became of a damaged data file. */
export interface RepairReport extends Recovered {
  /** The new file. */
  readonly file: string;
  /** Where the damaged file is now. */
  readonly damagedFile: string;
  /** The events that were found without a delivery, a line each: `{"topic": …, "event": …}`. */
  readonly looseEventsFile?: string;
  readonly damage: readonly Damage[];
  /** What the log held beyond the damaged file is in the new one, and is not among what was recovered. */
  readonly log: LoggedWrites;
}

/**
 * Recovers what can be read of a damaged data file, and of the log in front of it, into a new one; the damaged one is
 * kept. LMDB does not get to see it. The store must not be open.
 *
 * Errors: `conflict` when a process uses the folder, or there is a data file in `out`; `not_found` without a data file;
 * `store_unavailable` when the new file cannot be written, or the damaged one has a newer format.
 */
export async function repairLmdbStore({ path, out, label }: RepairOptions): Promise<RepairReport> {
  const damagedFile = join(path, "data.mdb");
  if (!existsSync(damagedFile)) throw new RingmainError("not_found", `There is no data file ${damagedFile}`);
  const target = join(out ?? path, "data.mdb");
  if (out !== undefined && existsSync(target)) throw new RingmainError("conflict", `${target} is there already`);
  clearBrokenClaim(path);
  const claim = await claimFolder(path);
  try {
    const file = new PageFile(damagedFile);
    try {
      const found = salvage(file);
      const draft = join(out ?? path, "repaired");
      rmSync(draft, { recursive: true, force: true });
      mkdirSync(draft, { recursive: true, mode: 0o700 });
      const recovered = await writeSalvage(found, draft, damagedFile);
      const log = await addLog(draft, path);
      const { damage } = found;
      const kept = out === undefined ? join(path, `data.damaged-${label}.mdb`) : damagedFile;
      if (out === undefined) keepAside(damagedFile, kept);
      // In one step: never is there no data file, which would be taken for a new store.
      renameSync(join(draft, "data.mdb"), target);
      const looseEventsFile = join(dirname(target), `loose-events-${label}.jsonl`);
      if (recovered.looseEvents > 0) renameSync(join(draft, LOOSE_EVENTS_FILE), looseEventsFile);
      rmSync(draft, { recursive: true });
      syncFolder(dirname(target));
      const loose = recovered.looseEvents > 0 ? { looseEventsFile } : {};
      return { ...recovered, ...loose, log, file: target, damagedFile: kept, damage };
    } finally {
      file.close();
    }
  } finally {
    await claim.release();
  }
}

async function addLog(draft: string, path: string): Promise<LoggedWrites> {
  const file = new DataFile(draft);
  try {
    return await addLoggedWrites(file, path);
  } finally {
    await file.close();
  }
}

/** Gives a file a second name; where there is no such thing, copies it. */
function keepAside(file: string, kept: string): void {
  try {
    linkSync(file, kept);
  } catch {
    copyFileSync(file, kept);
  }
}

/** The file that stands for the owner holds nothing: a broken one is simply made again. */
function clearBrokenClaim(path: string): void {
  const owner = join(path, "owner.mdb");
  if (!existsSync(owner) || findDamage(owner) === undefined) return;
  rmSync(owner);
  rmSync(`${owner}-lock`, { force: true });
}
