import { describe, expect, it } from "vitest";
import { median, medianInterval } from "./statistics.ts";

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe("median", () => {
  it("returns the middle value, or the mean of the two middle values", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it("returns NaN for no values", () => {
    expect(median([])).toBeNaN();
  });
});

describe("medianInterval", () => {
  it("returns undefined for fewer than six values, which do not suffice for the confidence", () => {
    for (const count of [0, 1, 5]) expect(medianInterval(upTo(count))).toBeUndefined();
  });

  // Ranks of the sign test, as in tables of order statistics.
  it.each([
    [6, 1, 6],
    [8, 1, 8],
    [9, 2, 8],
    [10, 2, 9],
    [15, 4, 12],
    [20, 6, 15],
    [25, 8, 18],
    [40, 14, 27],
  ])("returns for %i values those of ranks %i and %i", (count, low, high) => {
    expect(medianInterval(upTo(count).toReversed())).toEqual({ low, high });
  });

  it("is not affected by single outliers", () => {
    const calm = medianInterval([...upTo(18), 19, 20]);
    expect(medianInterval([...upTo(18), 1_000, 2_000])).toEqual(calm);
  });
});
