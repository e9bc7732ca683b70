import { RingmainError } from "../../../core/errors.ts";
import { numberKey } from "./keys.ts";

/**
 * Version of the data format. It increases with every change that the previous release cannot read. Each increase has a
 * migration.
 */
export const FORMAT_VERSION = 5;
/** Key of the version in the `meta` database, in every format. */
export const FORMAT_KEY: Buffer = Buffer.from("format");

/** Converts a file from one version to the next, in separate commits. Called again if it was interrupted. */
export type Migration<File> = (file: File) => Promise<void>;

/** The parts of a data file that a migration needs. */
interface MigratableFile {
  get(table: "meta", key: Buffer): Buffer | undefined;
  commit(writes: readonly { readonly table: "meta"; readonly key: Buffer; readonly value: Buffer }[]): Promise<void>;
}

/**
 * Throws `store_unavailable` if a file was written by a newer version of Ringmain. `stored` is undefined in a new file.
 */
export function checkFormat(path: string, stored: Buffer | undefined, supported: number = FORMAT_VERSION): void {
  const version = stored?.readUInt32BE(0) ?? supported;
  if (version <= supported) return;
  throw new RingmainError(
    "store_unavailable",
    `${path} has format ${version}, written by a newer Ringmain; this one reads formats up to ${supported}`,
  );
}

/** Returns whether {@link migrate} would change the file. */
export function needsMigration<File extends MigratableFile>(
  file: File,
  migrations: readonly Migration<File>[],
): boolean {
  return file.get("meta", FORMAT_KEY)?.readUInt32BE(0) !== migrations.length + 1;
}

/**
 * Migrates a file to the current format, one version at a time. A new file only gets its version.
 *
 * @param migrations `migrations[n]` converts version n + 1 to version n + 2
 */
export async function migrate<File extends MigratableFile>(
  file: File,
  migrations: readonly Migration<File>[],
): Promise<void> {
  const current = migrations.length + 1;
  const stored = file.get("meta", FORMAT_KEY)?.readUInt32BE(0);
  if (stored === undefined) await setVersion(file, current);
  else {
    for (const [index, migration] of migrations.entries()) {
      if (index + 1 < stored) continue;
      await migration(file);
      await setVersion(file, index + 2);
    }
  }
}

async function setVersion(file: MigratableFile, version: number): Promise<void> {
  await file.commit([{ table: "meta", key: FORMAT_KEY, value: numberKey(version, 4) }]);
}
