import { setImmediate } from "node:timers/promises";

/** Steps between two pauses for other requests: about 5 ms. */
const SLICE_STEPS = 25_000;
/** Steps that one visit counts for: about 1 µs, at 0.2 µs a step. */
const STEPS_PER_ITEM = 5;

/**
 * Visits every item of a list that may be long, and pauses regularly so that other requests are served. Resolves after
 * the last visit.
 *
 * @param used returns the extra steps that the visits have taken so far
 */
export async function visitInSlices<Item>(
  items: readonly Item[],
  visit: (item: Item) => void,
  used: () => number = () => 0,
): Promise<void> {
  let sliceEnd = SLICE_STEPS;
  for (const [index, item] of items.entries()) {
    visit(item);
    const steps = (index + 1) * STEPS_PER_ITEM + used();
    if (steps < sliceEnd) continue;
    await setImmediate();
    sliceEnd = steps + SLICE_STEPS;
  }
}
