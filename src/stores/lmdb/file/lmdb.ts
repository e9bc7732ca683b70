import { createRequire } from "node:module";
import type * as Lmdb from "lmdb";

const lmdb = createRequire(import.meta.url)("lmdb") as typeof Lmdb;

/**
 * LMDB's `open`, out of the one file of CommonJS that the library comes as as well: loading its modules one by one, as
 * `import` does, takes half as long again.
 */
export const open: typeof Lmdb.open = lmdb.open;
