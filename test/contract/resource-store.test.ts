import { LMDB_CAPABILITIES } from "../../src/stores/lmdb/queue/lmdb-delivery-queue.ts";
import { MEMORY_CAPABILITIES } from "../../src/stores/memory/memory-delivery-queue.ts";
import { resourceStoreContract } from "./resource-store-contract.ts";
import { openLmdb, openMemory } from "./store-openers.ts";

resourceStoreContract("memory", openMemory, MEMORY_CAPABILITIES);
resourceStoreContract("lmdb", openLmdb, LMDB_CAPABILITIES);
