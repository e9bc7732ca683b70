import type { TableWrite } from "../file/data-file.ts";

/** An entry of a table, or the removal of one. */
export type RangeEntry = Pick<TableWrite, "key" | "value">;

/** Two ranges of a table as one, in order of the keys; where both have a key, `upper` counts. */
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
