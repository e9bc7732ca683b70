import { isTableName, type TableName } from "../tables.ts";
import { readFreePages } from "./free-pages.ts";
import type { FileState, PageFile, TreeRecord } from "./page-file.ts";
import { PageSet } from "./page-set.ts";
import type { Page } from "./page.ts";
import { entriesOf, walkTree, type TreeWalk } from "./walk-tree.ts";

/** Maximum number of free pages at the end that a file of LMDB may lack. */
const MISSING_PAGES = 2 ** 16;

/** A problem in a file. */
export interface Damage {
  readonly page: number;
  /** The part of the file to which the page belongs. */
  readonly where: TableName | "names" | "free pages";
  /** Description without a subject, for example `is another page`. */
  readonly detail: string;
}

export interface FileWalk {
  readonly leaf?: (table: TableName, page: Page) => void;
  readonly damage: (damage: Damage) => void;
  /** Maximum number of leaf pages that are read of each large table. If unset, all are read. */
  readonly leafPages?: number;
}

/** Result of walking a state. */
export interface WalkedFile {
  readonly tables: ReadonlyMap<TableName, TreeRecord>;
  /** The used pages that were reached. */
  readonly seen: PageSet;
}

/** Tables that are read completely whenever a store is opened, because they are small. The others may have any size. */
const SMALL_TABLES: ReadonlySet<TableName> = new Set(["meta", "queues", "removed", "resources"]);

/** Walks all pages of a state of the file. Calls `damage` for each invalid page. */
export function walkFile(file: PageFile, state: FileState, { leaf, damage, leafPages }: FileWalk): WalkedFile {
  const lastPage = Math.min(state.lastPage, file.pages + MISSING_PAGES);
  const seen = new PageSet(lastPage + 1);
  const tables = new Map<TableName, TreeRecord>();
  if (lastPage < state.lastPage) {
    damage({ page: file.pages, where: "names", detail: `and what followed it are missing, up to ${state.lastPage}` });
  }
  const base = { file, lastPage, transaction: state.transaction, seen };
  const walk = (where: Damage["where"], tree: TreeRecord, more: Partial<TreeWalk>): void => {
    const problem = (page: number, detail: string): void => damage({ page, where, detail });
    walkTree({ ...base, ordered: true, problem, ...more }, tree);
  };
  walk("names", state.main, {
    leaf: (page) => {
      for (const { key, value } of entriesOf(page)) {
        // lmdb-js terminates the names of databases with a zero byte.
        const name = key.toString("latin1").replace(/\0$/, "");
        if ("root" in value && isTableName(name)) tables.set(name, value);
      }
    },
  });
  for (const [table, tree] of tables) {
    let left = SMALL_TABLES.has(table) ? Number.POSITIVE_INFINITY : (leafPages ?? Number.POSITIVE_INFINITY);
    walk(table, tree, { leaf: (page) => leaf?.(table, page), wanted: () => (left -= 1) >= 0 });
  }
  const problem = (page: number, detail: string): void => damage({ page, where: "free pages", detail });
  readFreePages({ ...base, ordered: false, problem }, state);
  return { tables, seen };
}
