export { describeLmdbFile as describeBackup, type FileContents } from "../../stores/lmdb/repair/describe-file.ts";
export { restoreLmdbStore as restoreStore } from "../../stores/lmdb/repair/restore-lmdb-store.ts";
