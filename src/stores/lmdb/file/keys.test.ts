import * as fc from "fast-check";
import { expect, it } from "vitest";
import {
  deliveryKey,
  FIRST_PLACE,
  isBefore,
  LAST_PLACE,
  recordPlaceOf,
  recordKey,
  textKey,
  type Place,
} from "./keys.ts";

const place: fc.Arbitrary<Place> = fc.record({
  dueAt: fc.oneof(fc.double({ noNaN: true }), fc.integer(), fc.constantFrom(0, 1_767_225_600_000)),
  sequence: fc.oneof(fc.nat(3), fc.nat({ max: 2 ** 48 - 2 })),
});

it("sorts keys as bytes in the order of their places", () => {
  fc.assert(
    fc.property(place, place, (one, other) => {
      const order = Buffer.compare(deliveryKey(7, one), deliveryKey(7, other));
      expect(order < 0).toBe(isBefore(one, other));
      expect(order > 0).toBe(isBefore(other, one));
    }),
  );
});

it("separates the queues", () => {
  expect(Buffer.compare(deliveryKey(1, LAST_PLACE), deliveryKey(2, FIRST_PLACE))).toBe(-1);
  expect(Buffer.compare(deliveryKey(255, LAST_PLACE), deliveryKey(256, FIRST_PLACE))).toBe(-1);
});

it("decodes a key to its place", () => {
  fc.assert(
    fc.property(place, fc.integer({ min: 1, max: 1_000 }), ({ dueAt, sequence }, size) => {
      expect(recordPlaceOf(recordKey(7, { dueAt, sequence, size }))).toEqual({ dueAt: dueAt + 0, sequence, size });
    }),
  );
});

it("sorts a pack behind a single delivery at its place, and before the next place", () => {
  fc.assert(
    fc.property(place, fc.integer({ min: 2, max: 1_000 }), ({ dueAt, sequence }, size) => {
      const pack = recordKey(7, { dueAt, sequence, size });
      expect(Buffer.compare(recordKey(7, { dueAt, sequence, size: 1 }), pack)).toBe(-1);
      expect(Buffer.compare(pack, deliveryKey(7, { dueAt, sequence: sequence + 1 }))).toBe(-1);
    }),
  );
});

it("refuses names that cannot be keys", () => {
  expect(() => textKey("")).toThrow("0 bytes");
  expect(() => textKey("ä".repeat(990))).toThrow("1980 bytes");
  expect(textKey("ä".repeat(989))).toHaveLength(1_978);
});
