import type { Store } from "../../ports/store.ts";
import { MemoryDeliveryQueue } from "./memory-delivery-queue.ts";
import { MemoryResourceStore } from "./memory-resource-store.ts";
import { MemorySecrets } from "./memory-secrets.ts";

/** Opens a store in memory, which is lost when the process ends. It has every guarantee of the ports except durability. */
export function openMemoryStore(): Store {
  return {
    queue: new MemoryDeliveryQueue(),
    resources: new MemoryResourceStore(),
    secrets: new MemorySecrets(),
    close: async () => {},
  };
}
