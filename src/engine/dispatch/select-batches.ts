import type { LockedDelivery } from "../../core/delivery.ts";
import type { Batching } from "../../core/destinations/destination-kind.ts";

/**
 * Splits deliveries into batches, in order. A batch has at most `maxEvents` events, and at most `preferredBytes` bytes
 * unless it is a single larger event. No delivery waits for a batch to fill. Source: [EG-BATCH-OUT]
 */
export function selectBatches(deliveries: readonly LockedDelivery[], batching: Batching): LockedDelivery[][] {
  if (batching.maxEvents === 1) return deliveries.map((delivery) => [delivery]);
  const batches: LockedDelivery[][] = [];
  let current: LockedDelivery[] = [];
  let currentBytes = 0;
  for (const delivery of deliveries) {
    const bytes = delivery.event.json.byteLength;
    const full = current.length >= batching.maxEvents || currentBytes + bytes > batching.preferredBytes;
    if (full && current.length > 0) {
      batches.push(current);
      current = [];
      currentBytes = 0;
    }
    current.push(delivery);
    currentBytes += bytes;
  }
  if (current.length > 0) batches.push(current);
  return batches;
}
