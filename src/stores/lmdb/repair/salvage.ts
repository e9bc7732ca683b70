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

/** The readable contents of a damaged file. */
export interface Salvage {
  readonly damage: readonly Damage[];
  /**
   * Whether the records may include deleted ones, because the free pages are unknown. Events that were delivered may
   * then be delivered again.
   */
  readonly mayRepeat: boolean;
  /** Returns the expected number of records in a table; `undefined` if unknown. */
  expected(table: TableName): number | undefined;
  /**
   * Returns the records of a table, the most reliable and latest first. A key may occur again with an outdated value.
   */
  records(table: TableName): Iterable<Found>;
  /**
   * Returns the records of a table in pages that are no longer used, and those of {@link records}, the latest first.
   */
  outdatedRecords(table: TableName): Iterable<Found>;
}

const ANY_TRANSACTION = Number.MAX_SAFE_INTEGER;

/**
 * Finds the readable contents of a damaged file: the pages that the trees reach and, if a tree is damaged, stray leaf
 * pages, which are neither used nor free. Reads the file several times, and keeps only page numbers in memory.
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
    damage: chosen?.damage ?? [
      { page: 0, where: "names", detail: "and all other pages with the positions of the tables" },
    ],
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

/** Returns the leaf pages that are neither used nor free, the latest first. Excludes those inside big values. */
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
