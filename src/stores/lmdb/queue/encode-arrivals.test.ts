import * as fc from "fast-check";
import { expect, it } from "vitest";
import { queueName, storedEvent } from "../../../../test/contract/store-events.ts";
import { deliveryIn } from "../../records/delivery-pack.ts";
import { decodeEnvelope } from "../../records/stored-envelope.ts";
import { PACK_DELIVERIES } from "./delivery-pack.ts";
import { encodeArrivals } from "./encode-arrivals.ts";

const QUEUES = ["one", "two", "three"].map(queueName);

/** Returns the event ids of each queue, in order. */
function idsOf(arrivals: ReturnType<typeof encodeArrivals>): Record<string, string[]> {
  const ids: Record<string, string[]> = {};
  for (const arrival of arrivals) {
    if ("pack" in arrival) {
      for (let index = 0; index < arrival.pack.size; index += 1) {
        const { event } = deliveryIn(arrival.pack, index);
        if (typeof event !== "number") (ids[arrival.to] ??= []).push(event.id);
      }
    } else for (const queue of arrival.to) (ids[queue] ??= []).push(decodeEnvelope(arrival.encodedEvent).id);
  }
  return ids;
}

it("keeps the order of each queue for packed and separately stored events", () => {
  const item = fc.record({
    to: fc.uniqueArray(fc.constantFrom(...QUEUES), { minLength: 1 }),
    bytes: fc.constantFrom(60, 1_280, 1_281, 5_000),
  });
  fc.assert(
    fc.property(fc.array(item, { maxLength: 40 }), (wanted) => {
      const items = wanted.map(({ to, bytes }, index) => ({ to, event: storedEvent(String(index), bytes) }));
      const expected: Record<string, string[]> = {};
      for (const { to, event } of items) for (const queue of to) (expected[queue] ??= []).push(event.id);
      expect(idsOf(encodeArrivals(items, 5))).toEqual(expected);
    }),
  );
});

it("packs small events for one queue together, up to the limit of a pack", () => {
  const items = Array.from({ length: PACK_DELIVERIES + 1 }, (_, index) => ({
    to: QUEUES.slice(0, 1),
    event: storedEvent(String(index)),
  }));
  expect(encodeArrivals(items, 5).map((arrival) => "pack" in arrival && arrival.pack.size)).toEqual([
    PACK_DELIVERIES,
    1,
  ]);
});
