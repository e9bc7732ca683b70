import type { Store } from "../../ports/store.ts";
import { MemoryDeliveryQueue } from "./memory-delivery-queue.ts";
import { MemoryResourceStore } from "./memory-resource-store.ts";
import { MemorySecrets } from "./memory-secrets.ts";

/** A store that lives and ends with the process. Keeps every promise of the ports but durability. */
export function openMemoryStore(): Store {
  return {
    queue: new MemoryDeliveryQueue(),
    resources: new MemoryResourceStore(),
    secrets: new MemorySecrets(),
    close: async () => {},
  };
}
