import { statSync } from "node:fs";
import { dirname } from "node:path";
import { RingmainError, toError } from "../../../core/errors.ts";
import { PageFile, type TreeRecord } from "./pages/page-file.ts";
import { walkFile, type Damage } from "./pages/walk-file.ts";
import { valueOf } from "./pages/page.ts";
import { entriesOf } from "./pages/walk-tree.ts";
import { TABLES, type TableName } from "./tables.ts";

/**
 * So many leaf pages of a table are looked at when a store is opened, 128 MiB; of a table that is larger, the
 * branch pages and the first ones.
 */
const LEAF_PAGES = 2 ** 15;
/** Since which format there are tables that were not there from the first one on. */
const FIRST_FORMATS: Readonly<Partial<Record<TableName, number>>> = { ended: 3 };
/** Records of `meta` that are there once a table has an entry. */
const COUNTERS: Readonly<Record<string, TableName>> = { sequence: "deliveries", revision: "resources" };
/** Since which format every data file has the state of its log. */
const LOG_STATE_FORMAT = 4;

/**
 * Whether LMDB may open a file, which need not exist. LMDB believes what it reads and maps the file into memory: a page
 * that is missing or is not what it must be can end the process without a word. So every page that is in use is looked
 * at first, without LMDB, up to {@link LEAF_PAGES} of each table.
 *
 * Errors: `store_unavailable` when it is damaged, is something else, or was written on a machine of another byte order.
 */
export function checkLmdbFile(path: string): void {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) refuseDamage(path, findDamage(path));
}

/** Checks the data file of a store as well: it must be there, with every table and record that a store begins with. */
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

/** What a walk has found of the tables, and the records of `meta`. */
interface FoundParts {
  readonly tables: ReadonlyMap<TableName, TreeRecord>;
  readonly meta: ReadonlyMap<string, Buffer>;
}

/** Returns the first part of a store that a data file lacks, in words. */
export function findMissingPart({ tables, meta }: FoundParts): string | undefined {
  const format = meta.get("format")?.readUInt32BE(0);
  if (format === undefined) return "it does not say which format it has";
  const missing = TABLES.find((name) => !tables.has(name) && format >= (FIRST_FORMATS[name] ?? 1));
  if (missing !== undefined) return `the table ${missing} is missing`;
  if (format >= LOG_STATE_FORMAT && !meta.has("log")) return "it does not say how far the log was taken over";
  const counted = Object.entries(COUNTERS).find(([name, by]) => tables.get(by)?.entries !== 0 && !meta.has(name));
  return counted && `it does not say which numbers its ${counted[1]} have used up`;
}

/** Returns whether key and value can be an entry of a table. */
type RecordCheck = (table: TableName, key: Buffer, value: Buffer) => boolean;

/** Options for {@link findDamage}. */
export interface DamageOptions {
  /** How many pages of each table are looked at. Unset means 128 MiB of them. */
  readonly leafPages?: number;
  /** Looks at the entries of the tables that are read whole when a store is opened. */
  readonly isRecord?: RecordCheck;
  /** Looks for parts that must be there, once all that is there is sound. */
  readonly findMissing?: (parts: FoundParts) => string | undefined;
}

/** Returns what is wrong with a file, in words; `undefined` when nothing is. */
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
        // The others are read one by one later, and a broken one is an error of its own then.
        if (table === "deliveries" || table === "events" || table === "sharing") return;
        for (const entry of entriesOf(page)) {
          const value = valueOf(file, entry);
          if (value !== undefined && isRecord(table, entry.key, value)) {
            if (table === "meta") meta.set(entry.key.toString("latin1"), value);
          } else damage({ page: page.number, where: table, detail: "has an entry that makes no sense" });
        }
      },
    });
    return findMissing?.({ tables, meta });
  } catch (thrown) {
    if (!(thrown instanceof Found)) throw thrown;
  }
  return found && `page ${found.page} (${found.where}) ${found.detail}`;
}
