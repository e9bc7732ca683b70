import { assert, constantFrom, integer, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { containing } from "./find-text.ts";

describe("containing", () => {
  it("finds the same as the built-in search, even in repetitive texts", () => {
    const letters = string({ unit: constantFrom("a", "b"), minLength: 0, maxLength: 12 });
    assert(
      property(
        letters,
        letters,
        integer({ min: 1, max: 60 }),
        integer({ min: 60, max: 120 }),
        (one, other, few, times) => {
          const part = `${one.repeat(times)}${other}${one.repeat(few)}`;
          const text = `${one.repeat(times - few)}${other}${one.repeat(times)}${other}${one.repeat(few - 1)}${other}`;
          expect(containing(part)(text)).toBe(text.includes(part));
          expect(containing(part)(`${text}${part}`)).toBe(true);
        },
      ),
    );
  });

  it("searches a large text for parts that almost match everywhere", () => {
    const text = "a".repeat(1_000_000);
    // With the built-in search each took half a second, and one subscription can have 25 of them.
    for (let at = 1; at <= 20; at += 1) {
      expect(containing(`${"a".repeat(at)}b${"a".repeat(511 - at)}`)(text)).toBe(false);
    }
  });
});
