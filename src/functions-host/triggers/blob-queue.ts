import { toError } from "../../core/errors.ts";
import type { Logger } from "../../ports/logger.ts";
import type { BlobAddress } from "./blob-address.ts";
import { createLimiter } from "../../core/limiter.ts";

/** A blob that waits for its function. */
export interface WaitingBlob extends BlobAddress {
  readonly function: string;
}

/** One try to run the function; what it says of a failure is logged. */
export type BlobWork = (blob: WaitingBlob) => Promise<{ readonly failure: string | undefined }>;

/** Settings of a {@link BlobQueue}. */
export interface BlobQueueOptions {
  readonly work: BlobWork;
  readonly logger: Logger;
  readonly tries: number;
  readonly concurrency: number;
  readonly capacity: number;
}

/**
 * Blobs between the event that named them and their function, in memory. A blob whose function fails is tried again at
 * once, behind those that wait; after the last try it is given up, and logged as poison.
 */
export class BlobQueue {
  readonly #options: BlobQueueOptions;
  readonly #limiter: ReturnType<typeof createLimiter>;
  readonly #pending = new Set<Promise<void>>();
  #stopped = false;

  constructor(options: BlobQueueOptions) {
    this.#options = options;
    this.#limiter = createLimiter(options.concurrency);
  }

  /** Whether so many more blobs find room. */
  hasRoom(blobs: number): boolean {
    return this.#pending.size + blobs <= this.#options.capacity;
  }

  /** Takes a blob in; what comes of it is in the log. */
  add(blob: WaitingBlob): void {
    const pending = this.#process(blob);
    this.#pending.add(pending);
    void pending.finally(() => this.#pending.delete(pending));
  }

  /** Starts nothing more and resolves once what runs has ended; what still waited is logged as dropped. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#pending);
  }

  async #process(blob: WaitingBlob): Promise<void> {
    const { tries, logger } = this.#options;
    for (let tried = 1; tried <= tries; tried += 1) {
      // oxlint-disable-next-line no-await-in-loop -- each try follows the failure of the one before
      const failure = await this.#limiter(() => this.#try(blob));
      if (failure === undefined) return;
      if (failure === "stopped") {
        logger.warn("blob_dropped", { ...blob, reason: "the host stopped before its function ran" });
        return;
      }
      logger.warn("blob_try_failed", { ...blob, try: tried, of: tries, error: failure });
    }
    // [EG-FUNC-BLOB-TRIES]
    logger.error("blob_poison", { ...blob, tries });
  }

  async #try(blob: WaitingBlob): Promise<string | undefined> {
    if (this.#stopped) return "stopped";
    try {
      return (await this.#options.work(blob)).failure;
    } catch (thrown) {
      return toError(thrown).message;
    }
  }
}
