export { repairLmdbStore as repairStore, type RepairReport } from "../../stores/lmdb/repair/repair-lmdb-store.ts";
