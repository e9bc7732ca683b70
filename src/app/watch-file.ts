import { watch } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";

/** Editors write a file in several steps; this long after the last one it is read. */
const SETTLE_MS = 100;

/**
 * Calls `onChange` when the content of a file has changed. Its folder is watched rather than the file, since many
 * editors replace the file. The answer ends it.
 */
export function watchFile(file: string, onChange: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  let known: string | undefined;
  const read = async (): Promise<string | undefined> => {
    try {
      return await readFile(file, "utf8");
    } catch {
      // Gone for a moment, or for good: the configuration stays as it is until there is a file again.
      return undefined;
    }
  };
  const first = read().then((text) => (known = text));
  const look = async (): Promise<void> => {
    await first;
    const text = await read();
    if (text === undefined || text === known) return;
    known = text;
    onChange();
  };
  const watcher = watch(dirname(file), (_event, name) => {
    if (name !== null && name !== basename(file)) return;
    clearTimeout(timer);
    timer = setTimeout(() => void look(), SETTLE_MS);
  });
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}
