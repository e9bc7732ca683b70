import { describe, expect, it } from "vitest";
import { isSameJson } from "./json.ts";

describe("isSameJson", () => {
  it.each<[string, unknown, unknown]>([
    ["members in another order", { a: 1, b: { c: [1, "2", null] } }, { b: { c: [1, "2", null] }, a: 1 }],
    ["a member that is not set", { a: 1, b: undefined }, { a: 1, c: undefined }],
  ])("returns true for %s", (_name, one, other) => {
    expect(isSameJson(one, other)).toBe(true);
    expect(isSameJson(other, one)).toBe(true);
  });

  it.each<[string, unknown, unknown]>([
    ["a further member", { a: 1 }, { a: 1, b: null }],
    ["another name", { a: 1 }, { b: 1 }],
    ["another order in an array", [1, 2], [2, 1]],
    ["a shorter array", [1, 2], [1]],
    ["an object for an array", ["a"], { 0: "a" }],
    ["null for an object", null, {}],
    ["a text for a number", { a: 1 }, { a: "1" }],
  ])("returns false for %s", (_name, one, other) => {
    expect(isSameJson(one, other)).toBe(false);
    expect(isSameJson(other, one)).toBe(false);
  });
});
