import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FirstByKey } from "./first-by-key.ts";

describe("FirstByKey", () => {
  it("returns the same items as sorting all of them and taking the first few", () => {
    const keys = fc.uniqueArray(fc.string(), { maxLength: 60 });
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 10 }), (all, limit) => {
        const first = new FirstByKey<string>(limit);
        for (const key of all) if (first.takes(key)) first.add(key, key);
        expect(first.sorted().map(({ item }) => item)).toEqual(all.toSorted(byCode).slice(0, limit));
      }),
    );
  });
});

function byCode(one: string, other: string): number {
  return one < other ? -1 : 1;
}
