import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchGaps } from "./match-gaps.ts";

describe("matchGaps", () => {
  it.each<[string, string[], 0 | 1, string[] | undefined]>([
    ["w-x-y-z", ["", "-", "-", ""], 1, ["w-x", "y", "z"]],
    ["a.b.png", ["", ".", ""], 1, ["a.b", "png"]],
    ["v1-", ["v", "-", ""], 1, undefined],
    ["v1-", ["v", "-", ""], 0, ["1", ""]],
    ["abc", ["", "", ""], 1, ["ab", "c"]],
    ["aa", ["a", "a"], 1, undefined],
    ["a", ["a", "a"], 0, undefined],
    ["exact", ["exact"], 1, []],
    ["other", ["exact"], 1, undefined],
  ])("%s between %j gives %j", (text, parts, least, expected) => {
    expect(matchGaps(text, parts, least)).toEqual(expected);
  });

  it("finds what a greedy regular expression does", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "-"), maxLength: 12 });
    const part = fc.string({ unit: fc.constantFrom("a", "-"), maxLength: 2 });
    fc.assert(
      fc.property(
        letters,
        fc.array(part, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(0, 1),
        (text, parts, least) => {
          const found = new RegExp(`^${parts.join(least === 0 ? "(.*)" : "(.+)")}$`).exec(text);
          expect(matchGaps(text, parts, least)).toEqual(found === null ? undefined : [...found].slice(1));
        },
      ),
    );
  });

  it("takes time in proportion to a text of which many readings fail", () => {
    const text = "-".repeat(1_000_000);
    // Tried one by one, the places of eight parts are more than any computer gets through.
    expect(matchGaps(text, ["", ...Array.from({ length: 8 }, () => "-"), "x"], 1)).toBeUndefined();
    expect(matchGaps(`${text}x`, ["", ...Array.from({ length: 8 }, () => "-"), "x"], 1)).toHaveLength(9);
    expect(matchGaps("a".repeat(1_000_000), ["", "-", "-", "-", "-", "a"], 0)).toBeUndefined();
  });
});
