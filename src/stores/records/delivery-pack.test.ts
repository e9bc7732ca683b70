import { describe, expect, it } from "vitest";
import type { EventEnvelope } from "../../core/event.ts";
import { joinPacks, packFirstDeliveries, recordIn, type DeliveryPack } from "./delivery-pack.ts";
import { encodeStoredDelivery } from "./stored-delivery.ts";

function event(id: string, bytes: number): EventEnvelope {
  return {
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
  };
}

function alone(one: EventEnvelope): string {
  return encodeStoredDelivery({ deliveryCount: 0, enqueuedAt: 7, event: one }).toString("hex");
}

function recordsIn(pack: DeliveryPack): string[] {
  return Array.from({ length: pack.size }, (_, index) => recordIn(pack, index).toString("hex"));
}

describe("a pack of deliveries", () => {
  it.each([
    ["short", 10],
    ["longer than the pieces that records are cut from", 200_000],
  ] as const)("contains the same records as separately encoded deliveries: %s", (_name, bytes) => {
    for (const ids of [["1"], ["1", "22"], ["1", "22", "333"]]) {
      const events = ids.map((id) => event(id, bytes));
      expect(recordsIn(packFirstDeliveries(events, 7))).toEqual(events.map(alone));
    }
  });

  it("is joined with other packs in order, also with packs of one delivery", () => {
    const events = Array.from({ length: 9 }, (_, index) => event(String(index), 10 * index));
    const packs = [events.slice(0, 1), events.slice(1, 4), events.slice(4, 5), events.slice(5)];
    const joined = joinPacks(packs.map((some) => packFirstDeliveries(some, 7)));
    expect(joined.size).toBe(9);
    expect(recordsIn(joined)).toEqual(events.map(alone));
  });

  it("returns shorter records if it is damaged, and never throws", () => {
    const pack = packFirstDeliveries([event("1", 10), event("2", 10)], 7);
    for (let length = 0; length < pack.bytes.length; length += 1) {
      const records = recordsIn({ ...pack, bytes: pack.bytes.subarray(0, length) });
      expect(records.join("").length).toBeLessThan(recordsIn(pack).join("").length);
    }
  });
});
