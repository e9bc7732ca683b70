import { join } from "node:path";
import { RingmainError } from "../../../core/errors.ts";
import { SECOND_MS } from "../../../core/time.ts";
import type { Clock } from "../../../ports/clock.ts";
import { findIdentity, identityOf, type FileIdentity } from "./file-identity.ts";

/** Milliseconds between two checks of a store's files. */
const WATCH_MS: number = 2 * SECOND_MS;

/**
 * Checks regularly that the files which a store has open are still in its data folder. The process can still write to a
 * deleted or replaced file, and would acknowledge events that are lost when it ends.
 */
export class FolderWatch {
  /** Resolves with the reason when a file was deleted or replaced. Never rejects. */
  readonly lost: Promise<RingmainError>;
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #files: ReadonlyMap<string, FileIdentity>;
  readonly #stopped = new AbortController();

  /** Starts to watch files of a folder, which the store has open. */
  constructor(folder: string, names: readonly string[], clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
    const files = names.map((name) => [name, identityOf(join(folder, name))] as const);
    this.#files = new Map(files.filter((file): file is [string, FileIdentity] => file[1] !== undefined));
    this.lost = new Promise((resolve) => void this.#watch(resolve));
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #watch(report: (reason: RingmainError) => void): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        await this.#clock.sleepUntil(this.#clock.now() + WATCH_MS, signal);
      } catch {
        return;
      }
      const reason = await this.#findLoss();
      if (reason === undefined) continue;
      report(reason);
      return;
    }
  }

  async #findLoss(): Promise<RingmainError | undefined> {
    for (const [name, expected] of this.#files) {
      const path = join(this.#folder, name);
      const found = await findIdentity(path);
      if (found !== undefined && found !== expected) return fileLost(path, found);
    }
    return undefined;
  }
}

/** Returns the error for an open file that has been deleted or replaced. */
export function fileLost(path: string, found: FileIdentity): RingmainError {
  return new RingmainError(
    "store_unavailable",
    `${path} was ${found === "gone" ? "deleted or moved away" : "replaced"} while Ringmain used it. Ringmain ` +
      "stops, and stores no more events. Acknowledged events are in the removed files",
  );
}
