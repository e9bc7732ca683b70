import { describe, expect, it } from "vitest";
import type { LockedDelivery } from "../../core/delivery.ts";
import { selectBatches } from "./select-batches.ts";

function delivery(bytes: number): LockedDelivery {
  return { event: { json: new Uint8Array(bytes) } } as LockedDelivery;
}
const sizes = (batches: LockedDelivery[][]): number[][] =>
  batches.map((batch) => batch.map(({ event }) => event.json.byteLength));

describe("selectBatches", () => {
  it("[EG-BATCH-OUT] sends one event per request when only the preferred size is set", () => {
    const cut = selectBatches([delivery(1), delivery(1)], { maxEvents: 1, preferredBytes: 1_000 });
    expect(sizes(cut)).toEqual([[1], [1]]);
  });

  it("[EG-BATCH-OUT] never exceeds the count, nor the preferred size", () => {
    const deliveries = [delivery(40), delivery(40), delivery(40), delivery(10), delivery(10), delivery(10)];
    expect(sizes(selectBatches(deliveries, { maxEvents: 3, preferredBytes: 100 }))).toEqual([
      [40, 40],
      [40, 10, 10],
      [10],
    ]);
  });

  it("[EG-BATCH-OUT] sends an event alone that is larger than the preferred size", () => {
    const deliveries = [delivery(10), delivery(500), delivery(10)];
    expect(sizes(selectBatches(deliveries, { maxEvents: 10, preferredBytes: 100 }))).toEqual([[10], [500], [10]]);
  });

  it("returns no batches for no deliveries", () => {
    expect(selectBatches([], { maxEvents: 10, preferredBytes: 100 })).toEqual([]);
  });
});
