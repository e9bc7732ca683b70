import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../test/support/fixtures/seeded-random.ts";
import { SortedKeys } from "./sorted-keys.ts";

describe("SortedKeys", () => {
  it("returns keys in order from any start, each once, in whatever order they were added", () => {
    const random = seededRandom(7);
    const sorted = new SortedKeys();
    const known = new Set<string>();
    for (let round = 0; round < 60; round += 1) {
      // Alternates between random keys and increasing ones, as those of deliveries are.
      for (let count = 0; count < 150; count += 1) {
        const key =
          round % 3 === 0 ? `9${String(round * 1_000 + count).padStart(9, "0")}` : String(random.below(9_000));
        sorted.add(key);
        known.add(key);
      }
      const start = random.pick(["", "5", "90", ":", ...known]);
      expect([...sorted.from(start)]).toEqual([...known].filter((key) => key >= start).toSorted());
    }
  });
});
