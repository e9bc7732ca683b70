import { statSync } from "node:fs";
import { dirname } from "node:path";
import { RingmainError, toError } from "../../../core/errors.ts";
import { PageFile } from "./pages/page-file.ts";
import { walkFile, type Damage } from "./pages/walk-file.ts";
import { isRecord } from "../repair/records.ts";
import { valueOf } from "./pages/page.ts";
import { entriesOf } from "./pages/walk-tree.ts";

/**
 * So many leaf pages of a table are looked at when a store is opened, 128 MiB; of a table that is larger, the
 * branch pages and the first ones.
 */
const LEAF_PAGES = 2 ** 15;

/**
 * Whether LMDB may open a file, which need not exist. LMDB believes what it reads and maps the file into memory: a page
 * that is missing or is not what it must be can end the process without a word. So every page that is in use is looked
 * at first, without LMDB, up to {@link LEAF_PAGES} of each table.
 *
 * Errors: `store_unavailable` when it is damaged, is something else, or was written on a machine of another byte order.
 */
export function checkLmdbFile(path: string): void {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return;
  const damage = findDamage(path);
  if (damage === undefined) return;
  throw new RingmainError(
    "store_unavailable",
    `${path} is damaged, or is not a data file of Ringmain: ${damage}. It was left as it is. ` +
      `'ringmain repair --data ${dirname(path)}' recovers what can be recovered into a new file, and keeps this one`,
  );
}

/** What is wrong with a file, in words; `undefined` when nothing is. Looks at everything unless told otherwise. */
export function findDamage(path: string, leafPages: number = LEAF_PAGES): string | undefined {
  let file: PageFile;
  try {
    file = new PageFile(path);
  } catch (thrown) {
    throw new RingmainError("store_unavailable", `${path} cannot be read: ${toError(thrown).message}`, {
      cause: thrown,
    });
  }
  try {
    return firstDamage(file, leafPages);
  } finally {
    file.close();
  }
}

/** Thrown to end a walk. */
class Found extends Error {}

function firstDamage(file: PageFile, leafPages: number): string | undefined {
  const [state, ...others] = file.states();
  if (state === undefined) return "neither of its two meta pages can be read";
  if (others.length === 0) return "one of its two meta pages cannot be read";
  let found: Damage | undefined;
  const damage = (one: Damage): never => {
    found = one;
    throw new Found();
  };
  try {
    walkFile(file, state, {
      leafPages,
      damage,
      leaf: (table, page) => {
        // The others are read one by one later, and a broken one is an error of its own then.
        if (table === "deliveries" || table === "events" || table === "sharing") return;
        for (const entry of entriesOf(page)) {
          const value = valueOf(file, entry);
          if (value === undefined || !isRecord(table, entry.key, value)) {
            damage({ page: page.number, where: table, detail: "has an entry that makes no sense" });
          }
        }
      },
    });
  } catch (thrown) {
    if (!(thrown instanceof Found)) throw thrown;
  }
  return found && `page ${found.page} (${found.where}) ${found.detail}`;
}
