import { RingmainError } from "../../../core/errors.ts";
import { numberKey } from "./keys.ts";

/**
 * The version of what the data file holds and how. Goes up with every change that the release before could not read;
 * each step up has a migration.
 */
export const FORMAT_VERSION = 5;
/** Where the version stands in the `meta` database, in every format. */
export const FORMAT_KEY: Buffer = Buffer.from("format");

/** Turns a file of one version into the next, in commits of its own; is repeated when it was interrupted. */
export type Migration<File> = (file: File) => Promise<void>;

/** What a migration needs of a data file at least. */
interface MigratableFile {
  get(table: "meta", key: Buffer): Buffer | undefined;
  commit(writes: readonly { readonly table: "meta"; readonly key: Buffer; readonly value: Buffer }[]): Promise<void>;
}

/** Errors: `store_unavailable` when a file was written by a newer Ringmain. `stored` is undefined in a new file. */
export function checkFormat(path: string, stored: Buffer | undefined, supported: number = FORMAT_VERSION): void {
  const version = stored?.readUInt32BE(0) ?? supported;
  if (version <= supported) return;
  throw new RingmainError(
    "store_unavailable",
    `${path} has format ${version}, written by a newer Ringmain; this one reads formats up to ${supported}`,
  );
}

/** Whether {@link migrate} would do anything. */
export function needsMigration<File extends MigratableFile>(
  file: File,
  migrations: readonly Migration<File>[],
): boolean {
  return file.get("meta", FORMAT_KEY)?.readUInt32BE(0) !== migrations.length + 1;
}

/**
 * Brings a file to the current format, a version at a time; a new file just gets its version.
 *
 * @param migrations `migrations[n]` leads from version n + 1 to version n + 2
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
