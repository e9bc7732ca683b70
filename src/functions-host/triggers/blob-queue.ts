import { toError } from "../../core/errors.ts";
import type { Logger } from "../../ports/logger.ts";
import type { BlobLocation } from "./blob-address.ts";
import { createLimiter } from "../../core/async/limiter.ts";

/** A blob that waits for its function. */
export interface WaitingBlob extends BlobLocation {
  readonly function: string;
}

/** Makes one attempt to run a blob's function. The text of a failure is logged. */
export type BlobWork = (blob: WaitingBlob) => Promise<{ readonly failure: string | undefined }>;

/** Options for a {@link BlobQueue}. */
export interface BlobQueueOptions {
  readonly work: BlobWork;
  readonly logger: Logger;
  readonly tries: number;
  readonly concurrency: number;
  readonly capacity: number;
}

/**
 * An in-memory queue of blobs that wait for their functions.
 *
 * A blob waits until fewer than `concurrency` blobs are being processed. If its function fails, it goes back to the
 * end of the queue at once. It leaves the queue when an attempt succeeds, after the last failed attempt (logged as
 * poison), or when the queue stops (logged as dropped).
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

  /** Returns whether the queue has room for a number of blobs. */
  hasRoom(blobs: number): boolean {
    return this.#pending.size + blobs <= this.#options.capacity;
  }

  /** Adds a blob. The log reports the result. */
  add(blob: WaitingBlob): void {
    const pending = this.#process(blob);
    this.#pending.add(pending);
    void pending.finally(() => this.#pending.delete(pending));
  }

  /**
   * Starts no more functions, logs the waiting blobs as dropped, and resolves when the running functions have ended.
   */
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
