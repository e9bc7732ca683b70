import { resolve } from "node:path";
import type { Logger } from "../ports/logger.ts";
import type { Store } from "../ports/store.ts";
import type { Config } from "./config/schema.ts";

/** The data folder, absolute. */
export function storeFolder(config: Pick<Config, "data">, folder: string): string {
  return resolve(folder, config.data);
}

/** Opens the store that the configuration names; the code of the other is not even loaded. */
export async function openStore(
  config: Pick<Config, "data" | "memory">,
  folder: string,
  logger: Logger,
): Promise<Store> {
  if (config.memory) {
    const { openMemoryStore } = await import("../stores/memory/open-memory-store.ts");
    return openMemoryStore();
  }
  const { openLmdbStore } = await import("../stores/lmdb/open-lmdb-store.ts");
  return openLmdbStore({ path: storeFolder(config, folder), logger });
}
