import type { Found, Salvage } from "./salvage.ts";
import type { TableName } from "../file/tables.ts";
import { Overlay } from "../log/overlay.ts";
import type { SegmentContents } from "../log/segments/read-segment.ts";

/**
 * Combines the contents of a damaged data file with the writes of its log, which contains the latest record of each
 * key.
 */
export function salvageWithLog(found: Salvage, segments: readonly SegmentContents[]): Salvage {
  const overlay = new Overlay();
  for (const { groups } of segments) for (const { writes } of groups) overlay.apply(writes);
  return {
    damage: found.damage,
    mayRepeat: found.mayRepeat,
    expected: (table) => expectedWithLog(found, overlay, table),
    *records(table) {
      for (const { key, value } of overlay.range(table, FIRST_KEY, undefined)) {
        if (value !== undefined) yield { key, value };
      }
      yield* uncovered(found.records(table), overlay, table);
    },
    outdatedRecords: (table) => uncovered(found.outdatedRecords(table), overlay, table),
  };
}

const FIRST_KEY = Buffer.alloc(0);

function* uncovered(records: Iterable<Found>, overlay: Overlay, table: TableName): Generator<Found, void, void> {
  for (const record of records) if (overlay.get(table, record.key) === undefined) yield record;
}

/**
 * Returns the number of records according to the data file, plus those that the log adds and minus those that it
 * removes.
 */
function expectedWithLog(found: Salvage, overlay: Overlay, table: TableName): number | undefined {
  let expected = found.expected(table);
  if (expected === undefined) return undefined;
  const covered = new Set<string>();
  for (const { key } of found.records(table)) {
    if (overlay.get(table, key) !== undefined) covered.add(key.toString("latin1"));
  }
  for (const { key, value } of overlay.range(table, FIRST_KEY, undefined)) {
    const isKnown = covered.has(key.toString("latin1"));
    if (value !== undefined && !isKnown) expected += 1;
    if (value === undefined && isKnown) expected -= 1;
  }
  return expected;
}

/** Returns an empty salvage for a missing data file. */
export function salvageOfNothing(): Salvage {
  return {
    damage: [],
    mayRepeat: true,
    expected: () => undefined,
    records: () => [],
    outdatedRecords: () => [],
  };
}
