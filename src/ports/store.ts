import type { DeliveryQueue } from "./delivery-queue.ts";
import type { ResourceStore } from "./resource-store.ts";
import type { StoreSecrets } from "./store-secrets.ts";

/** An open store: all ports over one place. */
export interface Store {
  readonly queue: DeliveryQueue;
  readonly resources: ResourceStore;
  readonly secrets: StoreSecrets;
  /**
   * Writes a copy of everything, as of one moment, to a new file, while the store is in use. Absent where a store is
   * backed up by means of its own, or not at all.
   */
  readonly backup?: (file: string) => Promise<void>;
  /**
   * Resolves with the reason when the store has lost what it keeps and cannot go on: from then on it refuses
   * everything. Never rejects. Absent where that cannot happen.
   */
  readonly failed?: Promise<Error>;
  /** Closes once everything accepted is durable. Idempotent. */
  close(): Promise<void>;
}
