import type { DeliveryQueue } from "./delivery-queue.ts";
import type { ResourceStore } from "./resource-store.ts";

/** An open store: both ports over one place. */
export interface Store {
  readonly queue: DeliveryQueue;
  readonly resources: ResourceStore;
  /** Closes once everything accepted is durable. Idempotent. */
  close(): Promise<void>;
}
