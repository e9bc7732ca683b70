import type { DeliveryOutcome, LockedDelivery } from "../../core/delivery.ts";
import type { EpochMs } from "../../core/time.ts";
import type { Destination } from "../../ports/destination.ts";

/** Makes one attempt to deliver one event. */
export type DeliverOne = (delivery: LockedDelivery, now: EpochMs, signal: AbortSignal) => Promise<DeliveryOutcome>;

/**
 * Returns the `deliver` method of a destination that accepts single events. Its batches normally have one event; a
 * longer batch is delivered in order, and fails as a whole with the first failure.
 */
export function oneByOne(deliverOne: DeliverOne): Destination["deliver"] {
  return async (batch, now, signal) => {
    let outcome: DeliveryOutcome = { kind: "accepted" };
    for (const delivery of batch) {
      outcome = await deliverOne(delivery, now, signal);
      if (outcome.kind === "failed") return outcome;
    }
    return outcome;
  };
}
