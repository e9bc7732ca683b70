import { mkdtempSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The checkout that this benchmark belongs to. */
export const CHECKOUT: string = new URL("../../", import.meta.url).pathname;

let root: string | undefined;

/** Creates an empty folder, which is deleted with its content when the benchmark ends in any way. */
export async function makeFolder(): Promise<string> {
  if (root === undefined) {
    root = mkdtempSync(join(tmpdir(), "ringmain-bench-"));
    process.once("exit", () => rmSync(root ?? "", { recursive: true, force: true, maxRetries: 10 }));
  }
  return mkdtemp(join(root, "folder-"));
}
