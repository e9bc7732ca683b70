import { copyFileSync, existsSync, linkSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { RingmainError } from "../../../core/errors.ts";
import { findDamage } from "../file/check-file.ts";
import { claimFolder } from "../file/folder-claim.ts";
import { makeDataFolder } from "../file/make-data-folder.ts";
import { decodeLogState, hasMarkedSegments, newLogState } from "../log/log-state.ts";
import {
  describeProblem,
  readLog,
  readOrphanedLog,
  readUnmarkedLog,
  SEGMENT_NAMES,
  type LogContents,
  type LogProblem,
} from "../log/segments/read-log.ts";
import type { Damage } from "../file/pages/walk-file.ts";
import { PageFile } from "../file/pages/page-file.ts";
import { salvage, type Salvage } from "./salvage.ts";
import { salvageOfNothing, salvageWithLog } from "./salvage-with-log.ts";
import { LOOSE_EVENTS_FILE, readMeta, writeSalvage, type Recovered } from "./write-salvage.ts";
import { syncFolder } from "../file/sync-file.ts";

export interface RepairOptions {
  /** The data folder with the damaged file. */
  readonly path: string;
  /** Another folder for the new file. If unset, the new file replaces the damaged one. */
  readonly out?: string;
  /** Label that makes the name of the renamed damaged file unique: `data.damaged-<label>.mdb`. */
  readonly label: string;
}

/** Result of a repair. */
export interface RepairReport extends Recovered {
  /** Path of the new file. */
  readonly file: string;
  /** Current path of the damaged file; `undefined` if there was none. */
  readonly damagedFile?: string;
  /** File with the events that were found without a delivery, one line each: `{"topic": …, "event": …}`. */
  readonly looseEventsFile?: string;
  readonly damage: readonly Damage[];
  readonly log: RecoveredLog;
}

/** The part of the log in the result. */
export interface RecoveredLog {
  /** Number of groups of writes that were not in the data file. */
  readonly groups: number;
  /** Number of lost groups; `undefined` if unknown. */
  readonly lost: number | undefined;
  /** One sentence per problem. */
  readonly problems: readonly string[];
}

/**
 * Recovers the readable contents of a damaged data file and its log into a new file. Keeps the damaged file and the
 * log's segments. Does not use LMDB to read the damaged file. The store must not be open.
 *
 * Rejects with `conflict` if a process uses the folder or `out` contains a data file; with `not_found` if there is
 * neither a data file nor a log; with `store_unavailable` if the new file cannot be written or the damaged one has a
 * newer format.
 */
export async function repairLmdbStore(options: RepairOptions): Promise<RepairReport> {
  const { path, out } = options;
  const damagedFile = join(path, "data.mdb");
  if (!["data.mdb", ...SEGMENT_NAMES].some((name) => existsSync(join(path, name)))) {
    throw new RingmainError("not_found", `There is no data file ${damagedFile}`);
  }
  const target = join(out ?? path, "data.mdb");
  if (out !== undefined && existsSync(target)) throw new RingmainError("conflict", `${target} already exists`);
  clearBrokenClaim(path);
  const claim = await claimFolder(path);
  try {
    const file = existsSync(damagedFile) ? new PageFile(damagedFile) : undefined;
    try {
      return await repair(file, options, target);
    } finally {
      file?.close();
    }
  } finally {
    await claim.release();
  }
}

async function repair(
  file: PageFile | undefined,
  { path, out, label }: RepairOptions,
  target: string,
): Promise<RepairReport> {
  const found = file === undefined ? salvageOfNothing() : salvage(file);
  const log = readLogOf(found, path);
  const draft = join(out ?? path, "repaired");
  rmSync(draft, { recursive: true, force: true });
  await makeDataFolder(draft);
  const recovered = await writeSalvage(salvageWithLog(found, log.segments), draft, {
    source: join(path, "data.mdb"),
    log: { checkpointed: log.latest, begun: log.latest, salt: log.salt ?? newLogState().salt },
  });
  const kept = file === undefined || out !== undefined ? file?.path : join(path, `data.damaged-${label}.mdb`);
  if (file !== undefined && kept !== undefined && kept !== file.path) keepAside(file.path, kept);
  // Atomic, so that there is always a data file. Otherwise, it would be taken for lost.
  renameSync(join(draft, "data.mdb"), target);
  const looseEventsFile = join(dirname(target), `loose-events-${label}.jsonl`);
  if (recovered.looseEvents > 0) renameSync(join(draft, LOOSE_EVENTS_FILE), looseEventsFile);
  rmSync(draft, { recursive: true });
  // The segments come last, so that an interrupted repair can be repeated.
  if (out === undefined) putSegmentsAside(path, label);
  syncFolder(dirname(target));
  const lost = totalLost(log.problems);
  return {
    ...recovered,
    mayRepeat: recovered.mayRepeat || lost !== 0,
    ...(recovered.looseEvents > 0 && { looseEventsFile }),
    log: {
      groups: log.segments.reduce((sum, { groups }) => sum + groups.length, 0),
      lost,
      problems: log.problems.map(describeProblem),
    },
    file: target,
    ...(kept !== undefined && { damagedFile: kept }),
    damage: found.damage,
  };
}

/** Reads the log that belongs to a data file. If the file does not contain its state, reads any existing log. */
function readLogOf(found: Salvage, path: string): LogContents {
  const meta = readMeta(found);
  const stored = meta.get("log");
  if (stored === undefined) return readOrphanedLog(path);
  const read = hasMarkedSegments(stored) ? readLog : readUnmarkedLog;
  return read(path, decodeLogState(stored));
}

function totalLost(problems: readonly LogProblem[]): number | undefined {
  let total = 0;
  for (const { lost } of problems) {
    if (lost === undefined) return undefined;
    total += lost;
  }
  return total;
}

function putSegmentsAside(path: string, label: string): void {
  for (const name of SEGMENT_NAMES) {
    const segment = join(path, name);
    if (existsSync(segment)) renameSync(segment, `${segment}.damaged-${label}`);
  }
}

/** Gives a file a second name, or copies it if the file system does not support links. */
function keepAside(file: string, kept: string): void {
  try {
    linkSync(file, kept);
  } catch {
    copyFileSync(file, kept);
  }
}

/** Deletes a damaged claim file. It contains no data, and the claim creates it again. */
function clearBrokenClaim(path: string): void {
  const owner = join(path, "owner.mdb");
  if (!existsSync(owner) || findDamage(owner) === undefined) return;
  rmSync(owner);
  rmSync(`${owner}-lock`, { force: true });
}
