import { isTableName } from "../tables.ts";
import { freePagesIfSound } from "./free-pages.ts";
import type { FileState, PageFile, TreeRecord } from "./page-file.ts";
import type { PageSet } from "./page-set.ts";
import { readPage, transactionOf, type Page } from "./page.ts";
import { walkFile, type Damage } from "./walk-file.ts";
import { entriesOf } from "./walk-tree.ts";

/** The state of a damaged file that is best for reading it. */
export interface ChosenState {
  readonly state: FileState;
  /** Damage that a walk of the state has found. */
  readonly damage: readonly Damage[];
  /** Free pages of the state; `undefined` if unknown. */
  readonly free: PageSet | undefined;
}

/** Number of latest states that are tried if a meta page is damaged. */
const LATEST_STATES = 4;
const EMPTY: TreeRecord = { depth: 0, branchPages: 0, leafPages: 0, overflowPages: 0, entries: 0, root: undefined };

/**
 * Chooses a state of a damaged file: the latest undamaged one, otherwise the latest one whose table of names can be
 * read. The meta pages contain states. If one of them is damaged, the pages with the names also serve as states.
 */
export function chooseState(file: PageFile): ChosenState | undefined {
  const metas = file.states();
  const states = metas.length === 2 ? metas : [...metas, ...findStates(file, metas[0]?.transaction ?? 0)];
  let fallback: ChosenState | undefined;
  for (const state of states.toSorted((one, other) => other.transaction - one.transaction)) {
    const damage: Damage[] = [];
    const { tables } = walkFile(file, state, { damage: (one) => damage.push(one) });
    if (tables.size === 0 && state.main.root !== undefined) continue;
    const free = metas.includes(state) ? freePagesIfSound(file, state) : undefined;
    const chosen = { state, damage, free };
    if (damage.length === 0) return chosen;
    fallback ??= chosen;
  }
  return fallback;
}

/**
 * Returns the latest states after a transaction. Each has a table of names with a single page, as all tables of names
 * here have.
 */
function findStates(file: PageFile, after: number): FileState[] {
  const states: FileState[] = [];
  for (let number = 2; number < file.pages; number += 1) {
    const page = readPage(file, number, { transaction: Number.MAX_SAFE_INTEGER, ordered: true });
    if (typeof page === "string" || page.kind !== "leaf" || !holdsNames(page)) continue;
    const transaction = transactionOf(page);
    if (transaction <= after) continue;
    const main = { ...EMPTY, depth: 1, leafPages: 1, entries: page.nodes, root: number };
    states.push({ transaction, lastPage: file.pages - 1, free: EMPTY, main });
  }
  return states.toSorted((one, other) => other.transaction - one.transaction).slice(0, LATEST_STATES);
}

function holdsNames(page: Page): boolean {
  return [...entriesOf(page)].every(
    ({ key, value }) => "root" in value && isTableName(key.toString("latin1").replace(/\0$/, "")),
  );
}
