import { createLimiter } from "../../core/async/limiter.ts";
import { hasConsent, type Subscriber } from "../../core/subscriber.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Destination } from "../../ports/destination.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Random } from "../../ports/random.ts";
import { background } from "../background.ts";

/** Maximum number of endpoints that are notified at once. */
const CONCURRENT = 16;
/** Maximum number of notices in progress or waiting. Further ones are not sent. */
const MAX_WAITING = 1_000;

/** Collaborators of {@link DeletionNotices}. */
export interface DeletionNoticeDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly openDestination: (subscriber: Subscriber) => Destination;
}

/**
 * Notifies endpoints when their subscription has been deleted: once, without retries, and only endpoints that had
 * consented. Nothing waits for a notice, and failures appear only in the log, at the debug level.
 * [EG-SUBSCRIPTION-DELETED]
 */
export class DeletionNotices {
  readonly #dependencies: DeletionNoticeDependencies;
  readonly #limit = createLimiter(CONCURRENT);
  readonly #stopping = new AbortController();
  readonly #sending = new Set<Promise<void>>();

  constructor(dependencies: DeletionNoticeDependencies) {
    this.#dependencies = dependencies;
  }

  /** Sends the notice in the background. */
  send(subscriber: Subscriber): void {
    if (!hasConsent(subscriber.consent) || this.#sending.size >= MAX_WAITING) return;
    const work = this.#limit(() => this.#sendNow(subscriber)).finally(() => this.#sending.delete(work));
    this.#sending.add(work);
    background(work, "deletion_notice", this.#dependencies.logger);
  }

  /** Resolves when no notice is being sent. */
  async idle(): Promise<void> {
    await Promise.all(this.#sending);
  }

  /** Aborts the notices in progress. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.idle();
  }

  async #sendNow(subscriber: Subscriber): Promise<void> {
    const { clock, random, logger, openDestination } = this.#dependencies;
    const { signal } = this.#stopping;
    if (signal.aborted) return;
    const destination = openDestination(subscriber);
    try {
      const outcome = await destination.subscriptionDeleted?.({ now: clock.now(), eventId: random.uuid() }, signal);
      if (outcome !== undefined) logger.debug("deletion_notice_sent", { subscription: subscriber.id, ...outcome });
    } finally {
      await destination.close();
    }
  }
}
