import { toError } from "../../../core/errors.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS, type EpochMs } from "../../../core/time.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Logger } from "../../../ports/logger.ts";
import type { BlobProperties } from "../calls/blob-properties.ts";

/** A copy that the service has started and not completed. */
export interface PendingCopy {
  readonly copyId: string;
  /** Requests the current properties of the destination blob. */
  readonly properties: () => Promise<BlobProperties | undefined>;
  /** Publishes the event of the completed copy. */
  readonly publish: (properties: BlobProperties) => Promise<void>;
}

const FIRST_WAIT_MS = SECOND_MS;
const LONGEST_WAIT_MS = MINUTE_MS;
/** Maximum duration of a copy: the service allows two weeks. */
const LIMIT_MS: number = 14 * 24 * HOUR_MS;
const MAX_COPIES = 1_000;

/**
 * Watches copies that continue after their call's response, and publishes their events when they complete. Polls
 * after a second, then after twice as long each time, at most every minute. A restart forgets pending copies.
 * Source: [EG-STORAGE-COPY-PENDING]
 */
export class PendingCopies {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #stopped = new AbortController();
  readonly #waits = new Set<Promise<void>>();

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  watch(copy: PendingCopy): void {
    if (this.#waits.size >= MAX_COPIES) {
      this.#logger.error("storage_copy_abandoned", { copyId: copy.copyId, reason: "too many pending copies" });
      return;
    }
    const wait = this.#follow(copy).catch((thrown: unknown) => {
      this.#logger.warn("storage_copy_abandoned", { copyId: copy.copyId, reason: toError(thrown).message });
    });
    this.#waits.add(wait);
    void wait.finally(() => this.#waits.delete(wait));
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new Error("stopping"));
    await Promise.all(this.#waits);
  }

  async #follow(copy: PendingCopy): Promise<void> {
    const end: EpochMs = this.#clock.now() + LIMIT_MS;
    for (let waitMs = FIRST_WAIT_MS; this.#clock.now() < end; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      await this.#clock.sleepUntil(this.#clock.now() + waitMs, this.#stopped.signal);
      try {
        if (await this.#isSettled(copy)) return;
      } catch (thrown) {
        // The service or the store is unavailable. The next round polls again.
        this.#logger.warn("storage_copy_unknown", { copyId: copy.copyId, error: toError(thrown).message });
      }
    }
    throw new Error("still pending after two weeks");
  }

  async #isSettled(copy: PendingCopy): Promise<boolean> {
    const properties = await copy.properties();
    // The blob was deleted or overwritten: this copy will never complete.
    if (properties === undefined || properties.copyId !== copy.copyId) return true;
    if (properties.copyStatus === "pending") return false;
    if (properties.copyStatus === "success") await copy.publish(properties);
    return true;
  }
}
