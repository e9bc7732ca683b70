import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeFolder } from "../../files/make-folder.ts";

/**
 * Writes a new file and creates its folders. When it resolves, the file and the folder entries that lead to it are
 * durable. When it rejects, or after a crash, at most a hidden temporary file is left.
 */
export async function writeDurably(path: string, content: Uint8Array): Promise<void> {
  const folder = dirname(path);
  const firstCreated = await makeFolder(folder);
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
  await syncFolders(folder, firstCreated);
}

/** Makes the folder entries of the file and of newly created folders durable. */
async function syncFolders(folder: string, firstCreated: string | undefined): Promise<void> {
  // Windows cannot open folders, and does not need this step.
  if (process.platform === "win32") return;
  const last = firstCreated === undefined ? folder : dirname(firstCreated);
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
