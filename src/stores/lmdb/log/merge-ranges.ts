import type { TableWrite } from "../file/data-file.ts";

/** An entry of a table, or its removal. */
export type RangeEntry = Pick<TableWrite, "key" | "value">;

/** Merges two ranges of a table, in order of the keys. If both contain a key, the entry of `upper` is used. */
export function* mergeRanges<Upper extends RangeEntry, Lower extends RangeEntry>(
  upper: Generator<Upper, void, void>,
  lower: Generator<Lower, void, void>,
): Generator<Upper | Lower, void, void> {
  try {
    let [over, under] = [upper.next(), lower.next()];
    for (;;) {
      if (over.done === true) {
        if (under.done === true) return;
        yield under.value;
        under = lower.next();
        continue;
      }
      const order = under.done === true ? -1 : Buffer.compare(over.value.key, under.value.key);
      if (order <= 0) {
        yield over.value;
        over = upper.next();
        if (order === 0) under = lower.next();
      } else if (under.done !== true) {
        yield under.value;
        under = lower.next();
      }
    }
  } finally {
    upper.return();
    lower.return();
  }
}
