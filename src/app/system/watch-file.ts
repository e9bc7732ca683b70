import { watch } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";

/** Pause between the last change of a file and reading it, because editors write a file in several steps. */
const SETTLE_MS = 100;

/**
 * Calls `onChange` whenever the content of a file has changed. The first comparison is with `known`. Watches the folder
 * rather than the file, because many editors replace the file. Returns a function that stops watching.
 */
export function watchFile(file: string, known: string, onChange: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  let last = known;
  const compare = async (): Promise<void> => {
    let text: string;
    try {
      text = await readFile(file, "utf8");
    } catch {
      // The file was deleted, perhaps to be replaced: the configuration does not change until there is a file again.
      return;
    }
    if (text === last) return;
    last = text;
    onChange();
  };
  const compareSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void compare(), SETTLE_MS);
  };
  const watcher = watch(dirname(file), (_event, name) => {
    if (name === null || name === basename(file)) compareSoon();
  });
  // The file may have changed between being read and being watched.
  compareSoon();
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}
