import { watch } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";

/** Editors write a file in several steps; this long after the last one it is read. */
const SETTLE_MS = 100;

/**
 * Calls `onChange` whenever the content of a file is another than before, at first than `known`. Its folder is watched
 * rather than the file, since many editors replace the file. The answer ends it.
 */
export function watchFile(file: string, known: string, onChange: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  let last = known;
  const look = async (): Promise<void> => {
    let text: string;
    try {
      text = await readFile(file, "utf8");
    } catch {
      // Gone for a moment, or for good: the configuration stays as it is until there is a file again.
      return;
    }
    if (text === last) return;
    last = text;
    onChange();
  };
  const lookSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), SETTLE_MS);
  };
  const watcher = watch(dirname(file), (_event, name) => {
    if (name === null || name === basename(file)) lookSoon();
  });
  // It may have changed between being read and being watched.
  lookSoon();
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}
