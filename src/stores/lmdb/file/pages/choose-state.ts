import { isTableName } from "../tables.ts";
import { freePagesIfSound } from "./free-pages.ts";
import type { FileState, PageFile, TreeRecord } from "./page-file.ts";
import type { PageSet } from "./page-set.ts";
import { readPage, transactionOf, type Page } from "./page.ts";
import { walkFile, type Damage } from "./walk-file.ts";
import { entriesOf } from "./walk-tree.ts";

/** The state a damaged file is best read by. */
export interface ChosenState {
  readonly state: FileState;
  /** What is wrong with it. */
  readonly damage: readonly Damage[];
  /** The pages it has free; `undefined` when that is not known. */
  readonly free: PageSet | undefined;
}

/** Without a meta page, so many of the latest states are looked at. */
const LATEST_STATES = 4;
const EMPTY: TreeRecord = { depth: 0, branchPages: 0, leafPages: 0, overflowPages: 0, entries: 0, root: undefined };

/**
 * Chooses a state of a damaged file: the latest one that is whole, else the latest one whose table of names can be
 * read. States stand in the meta pages; where those are broken, pages that hold the names tell of them too.
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

/** The latest states after a transaction whose table of names is one page, as it always is here. */
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
