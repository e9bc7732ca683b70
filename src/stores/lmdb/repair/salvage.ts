import { isRecord } from "./records.ts";
import { TABLES, type TableName } from "../file/tables.ts";
import { chooseState } from "../file/pages/choose-state.ts";
import type { PageFile } from "../file/pages/page-file.ts";
import { isBigValue, readPage, transactionOf, valueOf, type Page } from "../file/pages/page.ts";
import { walkFile, type Damage } from "../file/pages/walk-file.ts";
import { entriesOf } from "../file/pages/walk-tree.ts";

/** A record that was found in a damaged file. */
export interface Found {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** What can be read of a damaged file. */
export interface Salvage {
  readonly damage: readonly Damage[];
  /**
   * Records may be among the found ones that had been removed, since it is not known which pages were free: what was
   * delivered may be delivered again.
   */
  readonly mayRepeat: boolean;
  /** How many records of a table there should be; `undefined` when nothing tells. */
  expected(table: TableName): number | undefined;
  /** The records of a table, the most certain and the latest first; a key may come again, outdated. */
  records(table: TableName): Iterable<Found>;
  /** Also those of a table that stand in pages which are no longer in use, the latest first. */
  outdatedRecords(table: TableName): Iterable<Found>;
}

const ANY_TRANSACTION = Number.MAX_SAFE_INTEGER;

/**
 * Finds what can be read of a damaged file: what the trees still lead to and, where a tree is broken, the leaf pages
 * that hang in the air: in use by nothing, but not free either. Reads the file several times; keeps numbers of pages.
 */
export function salvage(file: PageFile): Salvage {
  const chosen = chooseState(file);
  const reached = new Map<TableName, number[]>(TABLES.map((table) => [table, []]));
  const walked =
    chosen &&
    walkFile(file, chosen.state, {
      damage: () => {},
      leaf: (table, page) => reached.get(table)?.push(page.number),
    });
  const isBroken = (table: TableName): boolean =>
    chosen === undefined || chosen.damage.some(({ where }) => where === table || where === "names");
  const limit = chosen?.state.transaction ?? ANY_TRANSACTION;
  const inUse = (page: number): boolean => walked?.seen.has(page) === true || chosen?.free?.has(page) === true;
  const strays = TABLES.some(isBroken) ? findStrays(file, limit, inUse) : [];

  function* readAll(table: TableName, pages: Iterable<number>, transaction: number): Generator<Found, void, void> {
    for (const number of pages) yield* recordsOf(file, table, number, transaction);
  }

  return {
    damage: chosen?.damage ?? [{ page: 0, where: "names", detail: "and every other page that tells what is where" }],
    mayRepeat: strays.length > 0 && chosen?.free === undefined,
    expected: (table) => (walked?.tables.has(table) === true ? walked.tables.get(table)?.entries : undefined),
    *records(table) {
      yield* readAll(table, reached.get(table) ?? [], limit);
      if (isBroken(table)) yield* readAll(table, strays, limit);
    },
    *outdatedRecords(table) {
      yield* readAll(
        table,
        findStrays(file, ANY_TRANSACTION, () => false),
        ANY_TRANSACTION,
      );
    },
  };
}

/** The leaf pages nobody knows of, the latest first; without those that lie in a big value of another one. */
function findStrays(file: PageFile, transaction: number, inUse: (page: number) => boolean): number[] {
  const strays: { readonly number: number; readonly transaction: number }[] = [];
  const insideValues = new Set<number>();
  for (let number = 2; number < file.pages; number += 1) {
    if (inUse(number)) continue;
    const page = readPage(file, number, { transaction, ordered: false });
    if (typeof page === "string" || page.kind !== "leaf") continue;
    strays.push({ number, transaction: transactionOf(page) });
    for (const { value } of entriesOf(page)) {
      if (!isBigValue(value)) continue;
      const end = Math.min(value.page + value.pages, file.pages);
      for (let covered = value.page; covered < end; covered += 1) insideValues.add(covered);
    }
  }
  return strays
    .filter(({ number }) => !insideValues.has(number))
    .toSorted((one, other) => other.transaction - one.transaction)
    .map(({ number }) => number);
}

function* recordsOf(
  file: PageFile,
  table: TableName,
  number: number,
  transaction: number,
): Generator<Found, void, void> {
  const page: Page | string = readPage(file, number, { transaction, ordered: false });
  if (typeof page === "string" || page.kind !== "leaf") return;
  for (const entry of entriesOf(page)) {
    const value = valueOf(file, entry);
    if (value !== undefined && isRecord(table, entry.key, value)) yield { key: entry.key, value };
  }
}
