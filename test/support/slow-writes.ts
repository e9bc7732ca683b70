import { setImmediate as nextTurn } from "node:timers/promises";
import type { ResourceStore } from "../../src/ports/resource-store.ts";
import type { Store } from "../../src/ports/store.ts";
import { openMemoryStore } from "../../src/stores/memory/open-memory-store.ts";

/** A store in memory whose writes of resources take a while, as those of a disk or a network do. */
export function openSlowStore(): Store {
  const store = openMemoryStore();
  const { resources } = store;
  const put = resources.put.bind(resources);
  const slow: ResourceStore["put"] = async (...write) => {
    for (let turn = 0; turn < 3; turn += 1) await nextTurn();
    return put(...write);
  };
  resources.put = slow;
  return store;
}
