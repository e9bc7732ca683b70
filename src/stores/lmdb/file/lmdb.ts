import { createRequire } from "node:module";
import type * as Lmdb from "lmdb";

const lmdb = createRequire(import.meta.url)("lmdb") as typeof Lmdb;

/**
 * LMDB's `open` from the library's CommonJS bundle. Loading its modules one by one with `import` takes half as long
 * again.
 */
export const open: typeof Lmdb.open = lmdb.open;
