import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { headerValue } from "./header-value.ts";

describe("headerValue", () => {
  it.each([
    ["Bearer a%20b", "Bearer a%20b"],
    ["a\r\nx-evil: 1", "a%0D%0Ax-evil: 1"],
    ["Zürich", "Z%C3%BCrich"],
    ["\u{1f600}", "%F0%9F%98%80"],
    ["\ud800", "%EF%BF%BD"],
    ["", ""],
  ])("encodes %j as %j", (text, expected) => {
    expect(headerValue(text)).toBe(expected);
  });

  it("returns printable ASCII for every text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(headerValue(text)).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });
});
