import type { LockedDelivery, QueueName } from "../../core/delivery.ts";
import type { EpochMs } from "../../core/time.ts";
import type { Batching } from "../../core/destinations/destination-kind.ts";

/** Whether deliveries may be taken from a queue now. */
export type Admission =
  | { readonly kind: "open" }
  /** One batch at a time, until it is known what becomes of it. */
  | { readonly kind: "trial" }
  /** Nothing before `until`; whoever ends a hold without end wakes the queue. */
  | { readonly kind: "held"; readonly until: EpochMs };

export const OPEN: Admission = { kind: "open" };

/** What is done with the deliveries of one queue: attempted at a webhook, or written as dead letters. */
export interface BatchHandler {
  readonly batching: Batching;
  admission(): Admission;
  /**
   * Attempts one batch and settles each of its deliveries. Rejects only when the store does: the locks then run out by
   * themselves.
   */
  handle(queue: QueueName, batch: readonly LockedDelivery[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Asks the dispatcher to look at a queue again, no later than `at`. */
export type WakeAt = (queue: QueueName, at: EpochMs) => void;
