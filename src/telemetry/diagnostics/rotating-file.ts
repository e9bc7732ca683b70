import { open, rename, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolder } from "../../files/make-folder.ts";
import type { LineSink } from "./line-queue.ts";

/**
 * Opens a file for appending that only its owner can read. Before the file would exceed `maxBytes`, it is renamed
 * to `<path>.1`, which replaces the previous one. Together they use at most twice `maxBytes`, or more if a single
 * write is larger than that.
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
