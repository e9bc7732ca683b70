import type { LockedDelivery, QueueName } from "../../core/delivery.ts";
import type { EpochMs } from "../../core/time.ts";
import type { Batching } from "./select-batches.ts";

/** What is done with the deliveries of one queue: attempted at a webhook, or written as dead letters. */
export interface BatchHandler {
  readonly batching: Batching;
  /** While true nothing is received from the queue; whoever ends it wakes the queue. */
  held(): boolean;
  /**
   * Attempts one batch and settles each of its deliveries; resolves when the settling is durable. Rejects only when
   * the store does: the locks then run out by themselves.
   */
  handle(queue: QueueName, batch: readonly LockedDelivery[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Asks the dispatcher to look at a queue again, no later than `at`. */
export type WakeAt = (queue: QueueName, at: EpochMs) => void;
