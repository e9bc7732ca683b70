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

/** More levels than any tree has. */
const MAX_DEPTH = 32;

/** What a walk through a tree is told to do. */
export interface TreeWalk extends PageRules {
  readonly file: PageFile;
  readonly lastPage: number;
  /** Every page met, of this tree and others: a page that is met twice is in two places at once. */
  readonly seen: PageSet;
  /** Called with each sound leaf page, in order of the keys. */
  readonly leaf?: (page: Page) => void;
  /** Called with what is wrong; what hangs from that page is left out. */
  readonly problem: (page: number, detail: string) => void;
  /** Asked before each leaf page is read; without it all are. */
  readonly wanted?: () => boolean;
  /** Big values are not looked at. */
  readonly skipBigValues?: boolean;
}

/** Walks through a tree. Answers how many entries its sound pages have; `undefined` when not all pages were read. */
export function walkTree(walk: TreeWalk, tree: TreeRecord): number | undefined {
  if (tree.root === undefined) return 0;
  if (tree.depth === 0 || tree.depth > MAX_DEPTH) {
    walk.problem(tree.root, "has an impossible depth");
    return 0;
  }
  return walkPage(walk, tree.root, tree.depth);
}

function walkPage(walk: TreeWalk, number: number, levels: number): number | undefined {
  if (levels === 1 && walk.wanted?.() === false) return undefined;
  const page = soundPage(walk, number, levels);
  if (page === undefined) return 0;
  if (page.kind === "leaf") {
    if (walk.skipBigValues !== true) checkBigValues(walk, page);
    walk.leaf?.(page);
    return page.nodes;
  }
  let entries: number | undefined = 0;
  for (let index = 0; index < page.nodes; index += 1) {
    const below = walkPage(walk, childOf(page, index), levels - 1);
    entries = entries === undefined || below === undefined ? undefined : entries + below;
  }
  return entries;
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

function checkBigValues(walk: TreeWalk, page: Page): void {
  for (let index = 0; index < page.nodes; index += 1) {
    const { value } = entryOf(page, index);
    if (!isBigValue(value)) continue;
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

/** The entries of a leaf page, in order. */
export function* entriesOf(page: Page): Generator<Entry, void, void> {
  for (let index = 0; index < page.nodes; index += 1) yield entryOf(page, index);
}
