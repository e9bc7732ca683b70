export { describeLmdbFile as describeBackup, type FileContents } from "../stores/lmdb/describe-file.ts";
export { restoreLmdbStore as restoreStore } from "../stores/lmdb/restore-lmdb-store.ts";
