export { repairLmdbStore as repairStore, type RepairReport } from "../stores/lmdb/repair-lmdb-store.ts";
