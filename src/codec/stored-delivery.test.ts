import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { EventEnvelope } from "../core/event.ts";
import { decodeDelivery, encodeDelivery, encodeFirstDeliveries, type StoredDelivery } from "./stored-delivery.ts";
import { encodeEnvelope } from "./stored-envelope.ts";

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
    event: fc.oneof(fc.uint8Array({ maxLength: 100 }), fc.nat({ max: 2 ** 48 - 1 })),
  },
  { requiredKeys: ["deliveryCount", "enqueuedAt", "event"] },
);

it("gives back the delivery that was stored", () => {
  fc.assert(
    fc.property(delivery, (stored) => {
      expect(decodeDelivery(encodeDelivery(stored))).toEqual(stored);
    }),
  );
});

it("keeps numbers of events beyond 32 bits", () => {
  const stored = { deliveryCount: 0, enqueuedAt: 0, event: 2 ** 48 - 1 };
  expect(decodeDelivery(encodeDelivery(stored))).toEqual(stored);
});

it.each<[string, number]>([
  ["short", 10],
  ["longer than the pieces that records are cut from", 200_000],
])("makes of events and their first deliveries what they are apart: %s", (_name, bytes) => {
  const event = (id: string): EventEnvelope => ({
    systemId: "s",
    schema: "CloudEventSchemaV1_0",
    topic: "/topics/größe",
    id,
    type: "T".repeat(200),
    subject: undefined,
    time: "2030-01-02T03:04:05Z",
    dataVersion: "",
    publishedAt: 5,
    json: Buffer.alloc(bytes, "x"),
  });
  const events = [event("1"), event("22")];
  const { bytes: records, ends } = encodeFirstDeliveries(events, 7);
  expect(ends.at(-1)).toBe(records.length);
  for (const [index, one] of events.entries()) {
    const apart = encodeDelivery({ deliveryCount: 0, enqueuedAt: 7, event: encodeEnvelope(one) });
    expect(Buffer.compare(records.subarray(ends[index - 1] ?? 0, ends[index]), apart)).toBe(0);
  }
});
