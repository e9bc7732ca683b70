import { open, rename, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolder } from "../../files/make-folder.ts";

const NEW_LINE = 0x0a;

/**
 * A file of lines that only grows, up to a bound: then it takes the place of `{path}.1`, and a new one begins. Lines
 * are appended one call after the other, each on the disk when the call resolves.
 */
export class JsonLinesFile {
  readonly #path: string;
  #last: Promise<void> = Promise.resolve();
  #file: { readonly handle: FileHandle; bytes: number } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Appends lines, each ending in a line feed. Rejects with what the file system says; then a part of them may be
   * there, as a line of its own.
   *
   * @param maxBytes of the file; lines longer than that still go into one
   */
  append(lines: Uint8Array, maxBytes: number): Promise<void> {
    const done = this.#last.then(() => this.#append(lines, maxBytes));
    this.#last = done.catch(() => this.#close());
    return done;
  }

  /** Waits for what is under way. What is appended later opens the file again. */
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

  /** What a crash or a full disk cut off must not run into the next line. */
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

/** Files that are in use, by path: whoever names the same one appends to the same one. */
export class JsonLinesFiles {
  readonly #files = new Map<string, JsonLinesFile>();

  /** @param path absolute */
  at(path: string): JsonLinesFile {
    const file = this.#files.get(path) ?? new JsonLinesFile(path);
    this.#files.set(path, file);
    return file;
  }

  /** Closes all of them. Idempotent. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#files.values(), (file) => file.close()));
  }
}
