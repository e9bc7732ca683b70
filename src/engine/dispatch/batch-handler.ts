import type { LockedDelivery, QueueName } from "../../core/delivery.ts";
import type { EpochMs } from "../../core/time.ts";
import type { Batching } from "../../core/destinations/destination-kind.ts";

/** Whether deliveries of a queue may be received now. */
export type Admission =
  | { readonly kind: "open" }
  /** One batch at a time, until the outcome of the trial is known. */
  | { readonly kind: "trial" }
  /** No delivery before `until`. If `until` is `Infinity`, the code that ends the hold must wake the queue. */
  | { readonly kind: "held"; readonly until: EpochMs };

/** Admission of any number of batches. */
export const OPEN: Admission = { kind: "open" };

/** Handler for the deliveries of one queue: attempts them at the destination, or writes them as dead letters. */
export interface BatchHandler {
  readonly batching: Batching;
  /** Attempts are aborted as soon as the dispatcher stops. */
  readonly waitsForReaders?: boolean | undefined;
  admission(): Admission;
  /**
   * Attempts one batch and settles each of its deliveries. Rejects only if the store fails; the locks of the
   * deliveries then expire.
   */
  handle(queue: QueueName, batch: readonly LockedDelivery[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Asks the dispatcher to receive from a queue no later than `at`. */
export type WakeAt = (queue: QueueName, at: EpochMs) => void;
