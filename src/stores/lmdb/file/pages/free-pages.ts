import { readNumber, type FileState, type PageFile } from "./page-file.ts";
import { PageSet } from "./page-set.ts";
import { valueOf } from "./page.ts";
import { entriesOf, walkTree, type TreeWalk } from "./walk-tree.ts";

/** Sign bit of the high half of a word. A word with it is the negative length of a run. */
const RUN_SIGN = 0x8000_0000;

/**
 * Reads the free pages of a state of the file. Calls `problem` for each invalid list.
 *
 * A list contains the number of its 64-bit words, then the words. A word is 0 (ignored), a page number, or a negative
 * length, which is followed by the first page of a run.
 */
export function readFreePages(walk: TreeWalk, state: FileState): PageSet {
  const free = new PageSet(state.lastPage + 1);
  const add = (first: number, pages: number): boolean => {
    if (first < 2 || first + pages > state.lastPage + 1) return false;
    for (let number = first; number < first + pages; number += 1) {
      if (walk.seen.has(number)) return false;
      free.add(number);
    }
    return true;
  };
  walkTree(
    {
      ...walk,
      ordered: false,
      leaf: (page) => {
        for (const entry of entriesOf(page)) {
          const list = valueOf(walk.file, entry);
          if (list === undefined || !readList(list, add)) walk.problem(page.number, "has a broken list of free pages");
        }
      },
    },
    state.free,
  );
  return free;
}

/** Consecutive pages. */
export interface PageRun {
  readonly first: number;
  readonly pages: number;
}

/**
 * Returns the free pages that the next transaction may use, as runs in order. They do not include the pages that the
 * latest transaction freed. Empty if a list is invalid.
 */
export function usableRuns(file: PageFile, state: FileState): PageRun[] {
  const runs: PageRun[] = [];
  const add = (first: number, pages: number): boolean => runs.push({ first, pages }) > 0;
  let sound = true;
  walkTree(
    {
      ...walkOf(file, state, () => (sound = false)),
      leaf: (page) => {
        for (const entry of entriesOf(page)) {
          if (readNumber(entry.key, 0) >= state.transaction) continue;
          const list = valueOf(file, entry);
          sound &&= list !== undefined && readList(list, add);
        }
      },
    },
    state.free,
  );
  return sound ? joinRuns(runs) : [];
}

function joinRuns(runs: readonly PageRun[]): PageRun[] {
  const joined: PageRun[] = [];
  for (const run of runs.toSorted((one, other) => one.first - other.first)) {
    const last = joined.at(-1);
    if (last !== undefined && last.first + last.pages === run.first) {
      joined[joined.length - 1] = { first: last.first, pages: last.pages + run.pages };
    } else joined.push(run);
  }
  return joined;
}

function readList(list: Buffer, add: (first: number, pages: number) => boolean): boolean {
  if (list.length < 8) return false;
  const words = readNumber(list, 0);
  if ((words + 1) * 8 > list.length) return false;
  for (let word = 1; word <= words; word += 1) {
    const at = word * 8;
    const high = list.readUInt32LE(at + 4);
    if (high >= RUN_SIGN) {
      // A length of up to 2^32 - 1, negated. A run that was used up leaves its length without a first page.
      const pages = 0x1_0000_0000 - list.readUInt32LE(at);
      word += 1;
      const first = word <= words ? readNumber(list, word * 8) : 0;
      if (first !== 0 && !add(first, pages)) return false;
    } else {
      const page = readNumber(list, at);
      if (page !== 0 && !add(page, 1)) return false;
    }
  }
  return true;
}

/** Returns the free pages of a file that may be damaged; `undefined` if a list is invalid. */
export function freePagesIfSound(file: PageFile, state: FileState): PageSet | undefined {
  let sound = true;
  const free = readFreePages(
    walkOf(file, state, () => (sound = false)),
    state,
  );
  return sound ? free : undefined;
}

/** Returns a walk through the lists of free pages of a state of the file. */
function walkOf(file: PageFile, state: FileState, problem: () => void): TreeWalk {
  const { lastPage, transaction } = state;
  return { file, lastPage, transaction, ordered: false, seen: new PageSet(lastPage + 1), problem };
}
