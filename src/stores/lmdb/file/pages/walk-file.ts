import { isTableName, type TableName } from "../tables.ts";
import { readFreePages } from "./free-pages.ts";
import type { FileState, PageFile, TreeRecord } from "./page-file.ts";
import { PageSet } from "./page-set.ts";
import type { Page } from "./page.ts";
import { entriesOf, walkTree, type TreeWalk } from "./walk-tree.ts";

/** The files LMDB makes may be shorter than they say by pages that are free; not by as many as this. */
const MISSING_PAGES = 2 ** 16;

/** Something that is wrong with a file. */
export interface Damage {
  readonly page: number;
  /** Whose page it is. */
  readonly where: TableName | "names" | "free pages";
  /** For people: `is another page`. */
  readonly detail: string;
}

export interface FileWalk {
  readonly leaf?: (table: TableName, page: Page) => void;
  readonly damage: (damage: Damage) => void;
  /** How many leaf pages of each of the tables that grow are read at most; without it all are. */
  readonly leafPages?: number;
}

/** What a walk has found of a state. */
export interface WalkedFile {
  readonly tables: ReadonlyMap<TableName, TreeRecord>;
  /** The pages in use that could be reached. */
  readonly seen: PageSet;
}

/** These are read whole whenever a store is opened, so they are few; the others may be of any size. */
const SMALL_TABLES: ReadonlySet<TableName> = new Set(["meta", "queues", "removed", "resources"]);

/** Walks through everything one state of a file is made of, and tells of each page that is not as it must be. */
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
        // lmdb-js ends the names of databases by a zero.
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
