import * as fc from "fast-check";
import { expect, it } from "vitest";
import { decodeStoredDelivery, encodeStoredDelivery, type StoredDelivery } from "./stored-delivery.ts";
import { envelope } from "../../../test/support/fixtures/any-envelope.ts";

const attempt = fc.record(
  {
    at: fc.double({ noNaN: true }),
    outcome: fc.constantFrom("Busy" as const, "InvalidAzureFunctionDestination" as const),
    httpStatus: fc.integer({ min: 100, max: 599 }),
    detail: fc.string({ maxLength: 300 }),
  },
  { requiredKeys: ["at", "outcome", "detail"] },
);
const delivery: fc.Arbitrary<StoredDelivery> = fc.record(
  {
    deliveryCount: fc.nat({ max: 2 ** 31 - 1 }),
    enqueuedAt: fc.double({ noNaN: true }),
    lastAttempt: attempt,
    deadLetterReason: fc.constantFrom("TimeToLiveExceeded" as const, "UndeliverableDueToHttpBadRequest" as const),
    event: fc.oneof(envelope, fc.nat({ max: 2 ** 48 - 1 })),
  },
  { requiredKeys: ["deliveryCount", "enqueuedAt", "event"] },
);

it("decodes to the stored delivery", () => {
  fc.assert(
    fc.property(delivery, (stored) => {
      expect(decodeStoredDelivery(encodeStoredDelivery(stored))).toEqual(stored);
    }),
  );
});

it("decodes a delivery inside a larger buffer, and encodes it to the same bytes", () => {
  fc.assert(
    fc.property(delivery, fc.nat(20), fc.nat(20), (stored, before, after) => {
      const bytes = encodeStoredDelivery(stored);
      const among = Buffer.concat([Buffer.alloc(before, 0xff), bytes, Buffer.alloc(after, 0xff)]);
      const found = decodeStoredDelivery(among, before, before + bytes.length);
      expect(found).toEqual(stored);
      expect(encodeStoredDelivery(found).equals(bytes)).toBe(true);
    }),
  );
});

it("stores event numbers of more than 32 bits", () => {
  const stored = { deliveryCount: 0, enqueuedAt: 0, event: 2 ** 48 - 1 };
  expect(decodeStoredDelivery(encodeStoredDelivery(stored))).toEqual(stored);
});
