import { LMDB_CAPABILITIES } from "../../src/stores/lmdb/queue/lmdb-delivery-queue.ts";
import { MEMORY_CAPABILITIES } from "../../src/stores/memory/memory-delivery-queue.ts";
import { deliveryQueueContract } from "./delivery-queue-contract.ts";
import { deliveryQueueModel } from "./delivery-queue-model.ts";
import { openLmdb, openMemory } from "./store-openers.ts";

deliveryQueueContract("memory", openMemory, MEMORY_CAPABILITIES);
deliveryQueueModel("memory", openMemory, MEMORY_CAPABILITIES, 1_000);

deliveryQueueContract("lmdb", openLmdb, LMDB_CAPABILITIES);
deliveryQueueModel("lmdb", openLmdb, LMDB_CAPABILITIES, 150);
