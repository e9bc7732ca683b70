import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLmdbStore } from "../../src/stores/lmdb/open-lmdb-store.ts";
import { openMemoryStore } from "../../src/stores/memory/open-memory-store.ts";
import type { OpenStoreUnderTest } from "./store-under-test.ts";

/** Creates an empty folder with a unique name. */
export async function emptyFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "ringmain-store-"));
}

export const openMemory: OpenStoreUnderTest = async () => {
  const store = openMemoryStore();
  return { store, reopen: async () => store, dispose: () => store.close() };
};

export const openLmdb: OpenStoreUnderTest = async () => {
  const path = await emptyFolder();
  let current = await openLmdbStore({ path });
  return {
    store: current,
    reopen: async () => {
      await current.close();
      current = await openLmdbStore({ path });
      return current;
    },
    dispose: async () => {
      await current.close();
      await rm(path, { recursive: true });
    },
  };
};
