import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeFolder } from "../../files/make-folder.ts";

/**
 * Writes a new file and makes its folders. When it resolves the file is whole and on the disk, and so are the entries
 * that lead to it; when it rejects, or the machine stops meanwhile, at most a hidden temporary file is left.
 */
export async function writeDurably(path: string, content: Uint8Array): Promise<void> {
  const folder = dirname(path);
  const firstMade = await makeFolder(folder);
  const temporary = join(folder, `.${basename(path)}.tmp`);
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
  await syncFolders(folder, firstMade);
}

/** Makes the entry of the file durable, and those of the folders made for it. */
async function syncFolders(folder: string, firstMade: string | undefined): Promise<void> {
  // Windows opens no folders; it needs no such step.
  if (process.platform === "win32") return;
  const last = firstMade === undefined ? folder : dirname(firstMade);
  for (let at = folder; ; at = dirname(at)) {
    const handle = await open(at, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (at === last || at === dirname(at)) return;
  }
}
