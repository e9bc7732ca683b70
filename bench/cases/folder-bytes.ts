import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Returns the bytes allocated for the files in a folder. For a sparse file, these are fewer than its length. */
export async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).blocks * 512;
  }
  return bytes;
}
