import { open, rename, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolder } from "../../files/make-folder.ts";
import type { LineSink } from "./line-queue.ts";

/**
 * A file that lines are appended to, for its owner alone to read. Before it would grow beyond `maxBytes` it becomes
 * `<path>.1`, in place of the one before: together they take twice that at most (and more only where one write is
 * larger than that).
 */
export function openRotatingFile(path: string, maxBytes: number): LineSink {
  let file: FileHandle | undefined;
  let size = 0;

  async function openFile(): Promise<FileHandle> {
    await makeFolder(dirname(path));
    const opened = await open(path, "a", 0o600);
    ({ size } = await opened.stat());
    return opened;
  }

  async function rotate(): Promise<FileHandle> {
    await file?.close();
    file = undefined;
    await rename(path, `${path}.1`);
    return openFile();
  }

  return {
    async write(text) {
      file ??= await openFile();
      const bytes = Buffer.from(text);
      if (size > 0 && size + bytes.byteLength > maxBytes) file = await rotate();
      await file.appendFile(bytes);
      size += bytes.byteLength;
    },
    async close() {
      await file?.close();
      file = undefined;
    },
  };
}
