import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { visitInSlices } from "./visit-in-slices.ts";

/** Counts the turns of the event loop until a promise is settled. */
async function turnsDuring(work: Promise<void>): Promise<number> {
  const ended = work.then(() => "ended");
  let turns = 0;
  while ((await Promise.race([ended, setImmediate("turn")])) === "turn") turns += 1;
  return turns;
}

describe("visitInSlices", () => {
  it("[ARM-FILTER-LIMIT] visits every item once, in order, with pauses for other work", async () => {
    const items = Array.from({ length: 100_000 }, (_, index) => index);
    const visited: number[] = [];
    expect(await turnsDuring(visitInSlices(items, (item) => visited.push(item)))).toBeGreaterThan(15);
    expect(visited).toEqual(items);
  });

  it("[ARM-FILTER-LIMIT] pauses more often the longer the visits take", async () => {
    let used = 0;
    const items = Array.from({ length: 100 }, () => 1);
    const turns = await turnsDuring(
      visitInSlices(
        items,
        () => (used += 25_000),
        () => used,
      ),
    );
    expect(turns).toBeGreaterThan(90);
  });

  it("rejects with the error that a visit throws", async () => {
    const refused = visitInSlices([1], () => {
      throw new Error("enough");
    });
    await expect(refused).rejects.toThrow("enough");
  });
});
