import { setImmediate } from "node:timers/promises";

/** Steps after which other requests have their turn: about 5 ms. */
const SLICE_STEPS = 25_000;
/** Looking at one item and making its key takes about so many steps of 0.2 µs. */
const STEPS_PER_ITEM = 5;

/**
 * Visits every item of a list that may be long, with pauses in which other requests have their turn. Resolves after the
 * last one.
 *
 * @param used returns the steps that the visits have taken so far, beyond looking at the items
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
