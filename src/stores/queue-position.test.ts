import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { QueuePosition } from "../core/delivery.ts";
import { decodePosition, encodePosition } from "./queue-position.ts";

it("decodes to the encoded place, and is safe in a URL", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), fc.nat({ max: 2 ** 48 - 1 }), (dueAt, sequence) => {
      const position = encodePosition({ dueAt, sequence });
      expect(encodeURIComponent(position)).toBe(position);
      expect(decodePosition(position)).toEqual({ dueAt, sequence });
    }),
  );
});

it.each(["", "0", "0123456789abcdef", "0123456789abcdeg1", "0123456789abcdef-", "7ff80000000000001", "x".repeat(99)])(
  "refuses '%s'",
  (text) => {
    expect(() => decodePosition(text as QueuePosition)).toThrow("not a position");
  },
);
