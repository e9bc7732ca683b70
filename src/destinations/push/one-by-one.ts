import type { DeliveryOutcome, LockedDelivery } from "../../core/delivery.ts";
import type { EpochMs } from "../../core/time.ts";
import type { Destination } from "../../ports/destination.ts";

/** One attempt at one event. */
export type DeliverOne = (delivery: LockedDelivery, now: EpochMs, signal: AbortSignal) => Promise<DeliveryOutcome>;

/**
 * Delivers for a destination that takes single events. Batches there hold one; a longer one is delivered in order and
 * fails as a whole with its first failure.
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
