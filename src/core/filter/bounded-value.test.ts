import { assert, jsonValue, property } from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonValue } from "../json.ts";
import { boundedValue } from "./bounded-value.ts";

describe("a bounded value", () => {
  it.each<[JsonValue, JsonValue]>([
    ["short", "short"],
    [1.5, 1.5],
    [null, null],
    [
      ["a", 1, null],
      ["a", 1, null],
    ],
    [
      { a: "x", b: 2 },
      { a: "x", b: 2 },
    ],
    ["x".repeat(257), `${"x".repeat(256)}…`],
    [
      [["inner"], { a: 1 }],
      ["[…]", "{…}"],
    ],
    [
      { list: [1], object: {} },
      { list: "[…]", object: "{…}" },
    ],
    [Array.from({ length: 12 }, () => 0), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, "2 more…"]],
  ])("of %j is %j", (value, expected) => {
    expect(boundedValue(value)).toEqual(expected);
  });

  it("has a bounded size for any value", () => {
    const bounded = property(jsonValue({ maxDepth: 5 }), (value) => {
      expect(JSON.stringify(boundedValue(value as JsonValue)).length).toBeLessThan(11 * 6 * (256 + 64 + 8));
    });
    assert(bounded);
    const large = Object.fromEntries(
      Array.from({ length: 1_000 }, (_unused, index) => [`${"n".repeat(1_000)}${index}`, "v".repeat(1_000)]),
    );
    expect(JSON.stringify(boundedValue(large)).length).toBeLessThan(4_000);
    expect(JSON.stringify(boundedValue(Object.values(large))).length).toBeLessThan(4_000);
  });
});
