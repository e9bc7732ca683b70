import { open, rename, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolder } from "../../files/make-folder.ts";

const NEW_LINE = 0x0a;

/**
 * An append-only file of lines. At its maximum size it is renamed to `{path}.1`, replacing the previous one, and a new
 * file begins. Calls append one after the other; the lines of a call are durable when it resolves.
 */
export class JsonLinesFile {
  readonly #path: string;
  #last: Promise<void> = Promise.resolve();
  #file: { readonly handle: FileHandle; bytes: number } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Appends lines, each ending in a line feed. Rejects with the file system's error; some of the bytes may have been
   * written then, as a line of their own.
   *
   * @param maxBytes maximum size of the file; a longer call still gets a file of its own
   */
  append(lines: Uint8Array, maxBytes: number): Promise<void> {
    const done = this.#last.then(() => this.#append(lines, maxBytes));
    this.#last = done.catch(() => this.#close());
    return done;
  }

  /** Closes the file after all pending appends. A later append opens it again. */
  async close(): Promise<void> {
    await this.#last;
    await this.#close();
  }

  async #append(lines: Uint8Array, maxBytes: number): Promise<void> {
    let file = this.#file ?? (await this.#open());
    if (file.bytes > 0 && file.bytes + lines.byteLength > maxBytes) {
      await this.#close();
      await rename(this.#path, `${this.#path}.1`);
      file = await this.#open();
    }
    await file.handle.writeFile(lines);
    await file.handle.datasync();
    file.bytes += lines.byteLength;
  }

  async #open(): Promise<{ readonly handle: FileHandle; bytes: number }> {
    await makeFolder(dirname(this.#path));
    const handle = await open(this.#path, "a+");
    this.#file = { handle, bytes: (await handle.stat()).size };
    await this.#endLine(this.#file);
    return this.#file;
  }

  /** Ends a line that a crash or a full disk has cut off, so that the next line begins properly. */
  async #endLine(file: { readonly handle: FileHandle; bytes: number }): Promise<void> {
    if (file.bytes === 0) return;
    const { buffer } = await file.handle.read(Buffer.alloc(1), 0, 1, file.bytes - 1);
    if (buffer[0] === NEW_LINE) return;
    await file.handle.writeFile("\n");
    file.bytes += 1;
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close();
  }
}

/** Files in use, by path. All users of a path share one file. */
export class JsonLinesFiles {
  readonly #files = new Map<string, JsonLinesFile>();

  /** Returns the file at an absolute path. */
  at(path: string): JsonLinesFile {
    const file = this.#files.get(path) ?? new JsonLinesFile(path);
    this.#files.set(path, file);
    return file;
  }

  /** Closes all files. Idempotent. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#files.values(), (file) => file.close()));
  }
}
