import { closeSync, openSync, readSync } from "node:fs";
import { RingmainError } from "../../core/errors.ts";

/** Behind the 24 bytes of a page's head: LMDB's magic number and the version of its file format, little-endian. */
const SIGNATURE_AT = 24;
const SIGNATURE: Buffer = Buffer.from("dec0efbe02000000", "hex");

/**
 * Whether LMDB may open a file, which need not exist: lmdb-js does not survive a file that is none of its own.
 *
 * Errors: `store_unavailable` when it is something else, or was written on a machine of another byte order.
 */
export function checkLmdbFile(path: string): void {
  const head = Buffer.alloc(SIGNATURE_AT + SIGNATURE.length);
  const bytes = readHead(path, head);
  if (bytes === 0) return;
  if (bytes === head.length && head.subarray(SIGNATURE_AT).equals(SIGNATURE)) return;
  throw new RingmainError("store_unavailable", `${path} is not a data file of Ringmain`);
}

function readHead(path: string, head: Buffer): number {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return 0;
    throw thrown;
  }
  try {
    return readSync(file, head, 0, head.length, 0);
  } finally {
    closeSync(file);
  }
}
