import { statSync } from "node:fs";
import { dirname } from "node:path";
import { RingmainError, toError } from "../../../core/errors.ts";
import { PageFile, type TreeRecord } from "./pages/page-file.ts";
import { walkFile, type Damage } from "./pages/walk-file.ts";
import { valueOf } from "./pages/page.ts";
import { entriesOf } from "./pages/walk-tree.ts";
import { TABLES, type TableName } from "./tables.ts";

/**
 * Maximum number of leaf pages of each table that are checked when a store is opened, 128 MiB. Of a larger table, all
 * branch pages and the first leaf pages are checked.
 */
const LEAF_PAGES = 2 ** 15;
/** First formats of the tables that did not exist in format 1. */
const FIRST_FORMATS: Readonly<Partial<Record<TableName, number>>> = { ended: 3 };
/** Records of `meta` that exist once a table has an entry. */
const COUNTERS: Readonly<Record<string, TableName>> = { sequence: "deliveries", revision: "resources" };
/** First format in which every data file contains the state of its log. */
const LOG_STATE_FORMAT = 4;

/**
 * Checks whether LMDB may open a file, which need not exist. LMDB trusts the file and maps it into memory: a missing or
 * invalid page can end the process without an error. Every used page is therefore checked first, without LMDB, up to
 * {@link LEAF_PAGES} of each table.
 *
 * Throws `store_unavailable` if the file is damaged, is not an LMDB file, or was written on a machine with another byte
 * order.
 */
export function checkLmdbFile(path: string): void {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) refuseDamage(path, findDamage(path));
}

/**
 * Checks the data file of a store. In addition to {@link checkLmdbFile}, the file must exist, with every table and
 * record that a new store has.
 */
export function checkDataFile(path: string, isRecord: RecordCheck): void {
  refuseDamage(path, findDamage(path, { isRecord, findMissing: findMissingPart }));
}

function refuseDamage(path: string, damage: string | undefined): void {
  if (damage === undefined) return;
  throw new RingmainError(
    "store_unavailable",
    `${path} is damaged, or is not a data file of Ringmain: ${damage}. Ringmain has not changed it. ` +
      `Run 'ringmain repair --data ${dirname(path)}' to recover its intact contents into a new file and keep this one`,
  );
}

/** The tables and the records of `meta` that a walk has found. */
interface FoundParts {
  readonly tables: ReadonlyMap<TableName, TreeRecord>;
  readonly meta: ReadonlyMap<string, Buffer>;
}

/** Returns a description of the first missing part of a data file. */
export function findMissingPart({ tables, meta }: FoundParts): string | undefined {
  const format = meta.get("format")?.readUInt32BE(0);
  if (format === undefined) return "the version of its format is missing";
  const missing = TABLES.find((name) => !tables.has(name) && format >= (FIRST_FORMATS[name] ?? 1));
  if (missing !== undefined) return `the table ${missing} is missing`;
  if (format >= LOG_STATE_FORMAT && !meta.has("log")) return "the state of its log is missing";
  const counted = Object.entries(COUNTERS).find(([name, by]) => tables.get(by)?.entries !== 0 && !meta.has(name));
  return counted && `the last number that its ${counted[1]} have used is missing`;
}

/** Returns whether key and value may be an entry of a table. */
type RecordCheck = (table: TableName, key: Buffer, value: Buffer) => boolean;

/** Options for {@link findDamage}. */
export interface DamageOptions {
  /** Maximum number of leaf pages of each table that are checked. If unset, 128 MiB. */
  readonly leafPages?: number;
  /** Checks the entries of the tables that are read completely when a store is opened. */
  readonly isRecord?: RecordCheck;
  /** Looks for missing parts in an undamaged file. */
  readonly findMissing?: (parts: FoundParts) => string | undefined;
}

/** Returns a description of a file's damage; `undefined` if it is undamaged. */
export function findDamage(path: string, options: DamageOptions = {}): string | undefined {
  let file: PageFile;
  try {
    file = new PageFile(path);
  } catch (thrown) {
    throw new RingmainError("store_unavailable", `Cannot read ${path}: ${toError(thrown).message}`, {
      cause: thrown,
    });
  }
  try {
    return firstDamage(file, options);
  } finally {
    file.close();
  }
}

/** Thrown to end a walk. */
class Found extends Error {}

function firstDamage(
  file: PageFile,
  { leafPages = LEAF_PAGES, isRecord = () => true, findMissing }: DamageOptions,
): string | undefined {
  const [state, ...others] = file.states();
  if (state === undefined) return "neither of its two meta pages can be read";
  if (others.length === 0) return "one of its two meta pages cannot be read";
  let found: Damage | undefined;
  const damage = (one: Damage): never => {
    found = one;
    throw new Found();
  };
  const meta = new Map<string, Buffer>();
  try {
    const { tables } = walkFile(file, state, {
      leafPages,
      damage,
      leaf: (table, page) => {
        // The entries of these tables are read individually later, with a separate error for a damaged one.
        if (table === "deliveries" || table === "events" || table === "sharing") return;
        for (const entry of entriesOf(page)) {
          const value = valueOf(file, entry);
          if (value !== undefined && isRecord(table, entry.key, value)) {
            if (table === "meta") meta.set(entry.key.toString("latin1"), value);
          } else damage({ page: page.number, where: table, detail: "has an invalid entry" });
        }
      },
    });
    return findMissing?.({ tables, meta });
  } catch (thrown) {
    if (!(thrown instanceof Found)) throw thrown;
  }
  return found && `page ${found.page} (${found.where}) ${found.detail}`;
}
