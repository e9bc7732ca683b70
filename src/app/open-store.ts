import { resolve } from "node:path";
import type { Logger } from "../ports/logger.ts";
import type { Store } from "../ports/store.ts";
import { openLmdbStore } from "../stores/lmdb/open-lmdb-store.ts";
import { openMemoryStore } from "../stores/memory/open-memory-store.ts";
import type { Config } from "./config/schema.ts";

/** The data folder, absolute. */
export function storeFolder(config: Pick<Config, "data">, folder: string): string {
  return resolve(folder, config.data);
}

/** Opens the store that the configuration names. */
export async function openStore(
  config: Pick<Config, "data" | "memory">,
  folder: string,
  logger: Logger,
): Promise<Store> {
  return config.memory ? openMemoryStore() : openLmdbStore({ path: storeFolder(config, folder), logger });
}
