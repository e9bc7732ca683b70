import type { PageFile, TreeRecord } from "./page-file.ts";
import type { PageSet } from "./page-set.ts";
import {
  checkBigValue,
  childOf,
  entryOf,
  isBigValue,
  readPage,
  type Entry,
  type Page,
  type PageRules,
} from "./page.ts";

/** More levels than any valid tree has. */
const MAX_DEPTH = 32;

/** Options and callbacks for walking a tree. */
export interface TreeWalk extends PageRules {
  readonly file: PageFile;
  readonly lastPage: number;
  /** All pages that were reached, in this and other trees. A page that is reached twice is a problem. */
  readonly seen: PageSet;
  /** Called with each valid leaf page, in order of the keys. */
  readonly leaf?: (page: Page) => void;
  /** Called with each problem. The pages below the page are skipped. */
  readonly problem: (page: number, detail: string) => void;
  /** Called before each leaf page; the page is skipped if it returns false. If unset, all are read. */
  readonly wanted?: () => boolean;
}

/** Numbers of pages and entries that a walk has reached. */
interface Tally {
  branchPages: number;
  leafPages: number;
  overflowPages: number;
  entries: number;
  /** Whether leaf pages were skipped or invalid, so that the numbers are incomplete. */
  partial: boolean;
}

/** Walks a tree and reports its problems. */
export function walkTree(walk: TreeWalk, tree: TreeRecord): void {
  const tally: Tally = { branchPages: 0, leafPages: 0, overflowPages: 0, entries: 0, partial: false };
  if (tree.root !== undefined) {
    if (tree.depth === 0 || tree.depth > MAX_DEPTH) {
      walk.problem(tree.root, "has an impossible depth");
      return;
    }
    const problem: TreeWalk["problem"] = (page, detail) => {
      tally.partial = true;
      walk.problem(page, detail);
    };
    walkPage({ ...walk, problem }, tree.root, tree.depth, tally);
  }
  if (tally.partial) return;
  for (const name of ["branchPages", "leafPages", "overflowPages", "entries"] as const) {
    if (tally[name] === tree[name]) continue;
    walk.problem(tree.root ?? 0, `has ${tally[name]} ${WORDS[name]} below it instead of ${tree[name]}`);
    return;
  }
}

const WORDS = {
  branchPages: "branch pages",
  leafPages: "leaf pages",
  overflowPages: "pages of large values",
  entries: "entries",
} as const;

function walkPage(walk: TreeWalk, number: number, levels: number, tally: Tally): void {
  if (levels === 1 && walk.wanted?.() === false) {
    tally.partial = true;
    return;
  }
  const page = soundPage(walk, number, levels);
  if (page === undefined) return;
  if (page.kind === "leaf") {
    tally.leafPages += 1;
    tally.entries += page.nodes;
    checkBigValues(walk, page, tally);
    walk.leaf?.(page);
    return;
  }
  tally.branchPages += 1;
  for (let index = 0; index < page.nodes; index += 1) walkPage(walk, childOf(page, index), levels - 1, tally);
}

function soundPage(walk: TreeWalk, number: number, levels: number): Page | undefined {
  let page: Page | string;
  if (number < 2 || number > walk.lastPage) page = "is not a page of the file";
  else if (!walk.seen.add(number)) page = "is in use twice";
  else {
    page = readPage(walk.file, number, walk);
    if (typeof page === "object" && (page.kind === "leaf") !== (levels === 1)) page = "stands at the wrong level";
  }
  if (typeof page === "object") return page;
  walk.problem(number, page);
  return undefined;
}

function checkBigValues(walk: TreeWalk, page: Page, tally: Tally): void {
  for (let index = 0; index < page.nodes; index += 1) {
    const { value } = entryOf(page, index);
    if (!isBigValue(value)) continue;
    tally.overflowPages += value.pages;
    const detail = checkBigValue(walk.file, value) ?? markRun(walk, value.page, value.pages);
    if (detail !== undefined) walk.problem(value.page, detail);
  }
}

function markRun(walk: TreeWalk, first: number, pages: number): string | undefined {
  for (let number = first; number < first + pages; number += 1) {
    if (!walk.seen.add(number)) return "is in use twice";
  }
  return undefined;
}

/** Returns the entries of a leaf page, in order. */
export function* entriesOf(page: Page): Generator<Entry, void, void> {
  for (let index = 0; index < page.nodes; index += 1) yield entryOf(page, index);
}
