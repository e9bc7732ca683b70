import { resolve } from "node:path";
import { RingmainError } from "../../core/errors.ts";
import type { Store } from "../../ports/store.ts";
import { parseStoreUrl, shownAddress } from "../../stores/nats/link/store-url.ts";
import type { Config } from "../config/schema.ts";
import { isMissingModule } from "../system/is-missing-module.ts";
import type { RetryUnavailable } from "../lifecycle/retry-unavailable.ts";
import type { StartContext } from "../lifecycle/start-context.ts";

/** Returns the absolute path of the data folder. */
export function storeFolder(config: Pick<Config, "data">, folder: string): string {
  return resolve(folder, config.data);
}

/** Returns the location of the store for display: the data folder or the servers; `undefined` if it is in memory. */
export function storePlace(config: Pick<Config, "data" | "memory" | "store">, folder: string): string | undefined {
  if (config.memory) return undefined;
  return config.store === undefined ? storeFolder(config, folder) : shownAddress(config.store);
}

/**
 * Opens the store that the configuration selects. The code of the other stores is not loaded. Only a store on servers is
 * retried, because the servers may still be starting. When the store has lost its data, the process state becomes
 * `failed`, which refuses publishers.
 */
export async function openStore(context: StartContext): Promise<Store> {
  const store = await openConfigured(context);
  context.parts.push("store", () => store.close());
  void followFailure(store, context);
  return store;
}

async function followFailure({ failed }: Store, { state, logger }: StartContext): Promise<void> {
  const reason = await failed;
  if (reason !== undefined && state.fail()) logger.error("store_lost", { error: reason.message });
}

async function openConfigured({ config, folder, logger, clock, retry }: StartContext): Promise<Store> {
  if (config.memory && config.store !== undefined) {
    throw new RingmainError("invalid_request", "'memory' and 'store' cannot be combined. Set only one of them.");
  }
  if (config.memory) {
    const { openMemoryStore } = await import("../../stores/memory/open-memory-store.ts");
    return openMemoryStore();
  }
  if (config.store !== undefined) return openNats(config.store, retry);
  const { openLmdbStore } = await import("../../stores/lmdb/open-lmdb-store.ts");
  return openLmdbStore({ path: storeFolder(config, folder), logger, clock });
}

async function openNats(address: string, retry: RetryUnavailable): Promise<Store> {
  const { servers, ...options } = parseStoreUrl(address);
  const { openNatsStore } = await import("../../stores/nats/open-nats-store.ts").catch((thrown: unknown) => {
    if (!isMissingModule(thrown)) throw thrown;
    throw new RingmainError(
      "not_supported",
      `The store ${shownAddress(address)} needs packages that are not installed: ` +
        "npm install @nats-io/transport-node @nats-io/jetstream @nats-io/kv",
      { cause: thrown },
    );
  });
  return openNatsStore({
    servers,
    ...options,
    retry: (attempt) => retry(attempt, (late) => late.close()),
  });
}
