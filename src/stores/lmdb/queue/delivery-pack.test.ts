import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DeliveryPack } from "../../records/delivery-pack.ts";
import { DeliveryBits, groupPacks, PACK_BYTES, PACK_DELIVERIES, unpackRecords } from "./delivery-pack.ts";

const pack = fc.record({ bytes: fc.nat(PACK_BYTES), size: fc.integer({ min: 1, max: PACK_DELIVERIES }) });

describe("packs", () => {
  it("are joined in order, up to the limits", () => {
    fc.assert(
      fc.property(fc.array(pack, { maxLength: 30 }), (sizes) => {
        const packs = sizes.map(({ bytes, size }) => ({ bytes: Buffer.alloc(bytes), size }));
        const groups = groupPacks(packs);
        expect(groups.flat()).toEqual(packs);
        const totalOf = (group: readonly DeliveryPack[]): { bytes: number; size: number } => ({
          bytes: group.reduce((sum, { bytes }) => sum + bytes.length, 0),
          size: group.reduce((sum, { size }) => sum + size, 0),
        });
        for (const [index, group] of groups.entries()) {
          const { bytes, size } = totalOf(group);
          expect(bytes).toBeLessThanOrEqual(PACK_BYTES);
          expect(size).toBeLessThanOrEqual(PACK_DELIVERIES);
          const next = groups[index + 1]?.[0];
          if (next === undefined) continue;
          expect(bytes + next.bytes.length > PACK_BYTES || size + next.size > PACK_DELIVERIES).toBe(true);
        }
      }),
    );
  });

  it("stay alone if they are larger than the limit", () => {
    const [small, large] = [Buffer.alloc(10), Buffer.alloc(PACK_BYTES + 1)].map((bytes) => ({ bytes, size: 1 }));
    if (small === undefined || large === undefined) throw new Error("no packs");
    expect(groupPacks([small, large, small])).toEqual([[small], [large], [small]]);
  });

  it("return the deliveries that have not ended", () => {
    const ended = new DeliveryBits(20);
    for (const index of [0, 7, 8, 19]) ended.add(index);
    ended.add(7);
    expect(ended.left).toBe(16);
    expect(new DeliveryBits(20, ended.bytes).left).toBe(16);
    const place = { dueAt: 5, sequence: 100, size: 20 };
    const found = Array.from(unpackRecords(place, Buffer.alloc(0), ended.bytes), ({ place: { sequence } }) => sequence);
    expect(found).toEqual([1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18].map((index) => 100 + index));
  });
});
