import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RingmainError, toError } from "../../core/errors.ts";
import { makeFolder } from "../../files/make-folder.ts";
import type { StoreSecrets } from "../../ports/store-secrets.ts";
import { syncFolder } from "./file/sync-file.ts";

/**
 * Secrets in files beside the data file that only their owner can read. A backup does not contain them, on purpose: a
 * store that is restored elsewhere is another instance, and its tokens must not be valid here.
 */
export class FileSecrets implements StoreSecrets {
  readonly #folder: string;
  /** Calls in progress. Concurrent calls for the same secret share one. */
  readonly #obtaining = new Map<string, Promise<string>>();

  /** @param path the data folder, which no other process uses */
  constructor(path: string) {
    this.#folder = join(path, "secrets");
  }

  obtain(name: string, create: () => Promise<string>): Promise<string> {
    const known = this.#obtaining.get(name);
    if (known !== undefined) return known;
    const obtaining = this.#obtain(join(this.#folder, name), create).finally(() => {
      this.#obtaining.delete(name);
    });
    this.#obtaining.set(name, obtaining);
    return obtaining;
  }

  find(name: string): Promise<string | undefined> {
    return read(join(this.#folder, name));
  }

  async #obtain(file: string, create: () => Promise<string>): Promise<string> {
    const stored = await read(file);
    if (stored !== undefined) return stored;
    const created = await create();
    try {
      await this.#write(file, created);
    } catch (thrown) {
      throw unavailable(`Cannot write ${file}: ${toError(thrown).message}`, thrown);
    }
    return created;
  }

  /**
   * Writes a secret. Resolves when the file is complete and on disk; an interrupted write leaves no part of a secret.
   */
  async #write(file: string, text: string): Promise<void> {
    const draft = `${file}.part`;
    await makeFolder(this.#folder, 0o700);
    await rm(draft, { force: true });
    await writeFile(draft, text, { mode: 0o600, flag: "wx", flush: true });
    await rename(draft, file);
    syncFolder(this.#folder);
    syncFolder(join(this.#folder, ".."));
  }
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return undefined;
    throw unavailable(`Cannot read ${file}: ${toError(thrown).message}`, thrown);
  }
}

function unavailable(message: string, cause: unknown): RingmainError {
  return new RingmainError("store_unavailable", message, { cause });
}
