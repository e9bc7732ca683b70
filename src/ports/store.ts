import type { DeliveryQueue } from "./delivery-queue.ts";
import type { ResourceStore } from "./resource-store.ts";
import type { StoreSecrets } from "./store-secrets.ts";

/** An open store with all its ports. */
export interface Store {
  readonly queue: DeliveryQueue;
  readonly resources: ResourceStore;
  readonly secrets: StoreSecrets;
  /**
   * Writes a copy of the store as of one moment to a new file. The store remains usable meanwhile. Absent if the store
   * has backup tools of its own, or keeps nothing.
   */
  readonly backup?: (file: string) => Promise<void>;
  /**
   * Resolves with the reason if the store has lost its data and cannot continue. It rejects all calls from then on.
   * Never rejects. Absent if that cannot happen.
   */
  readonly failed?: Promise<Error>;
  /** Waits until all accepted writes are durable, then closes the store. Idempotent. */
  close(): Promise<void>;
}
