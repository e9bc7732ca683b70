import { createLimiter } from "../../core/async/limiter.ts";
import { hasConsent, type Subscriber } from "../../core/subscriber.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Destination } from "../../ports/destination.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Random } from "../../ports/random.ts";
import { background } from "../background.ts";

/** Endpoints told at one time. */
const CONCURRENT = 16;
/** So many may wait to be told; with more, further ones are not told at all. */
const MAX_WAITING = 1_000;

export interface DeletionNoticeDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly openDestination: (subscriber: Subscriber) => Destination;
}

/**
 * Tells endpoints that their subscription was deleted: once, without a second try, and only those that had consented.
 * Best effort: it holds up nothing, and what goes wrong is for the debug level. [EG-SUBSCRIPTION-DELETED]
 */
export class DeletionNotices {
  readonly #dependencies: DeletionNoticeDependencies;
  readonly #limit = createLimiter(CONCURRENT);
  readonly #stopping = new AbortController();
  readonly #underWay = new Set<Promise<void>>();

  constructor(dependencies: DeletionNoticeDependencies) {
    this.#dependencies = dependencies;
  }

  /** Tells the endpoint, in the background. */
  send(subscriber: Subscriber): void {
    if (!hasConsent(subscriber.consent) || this.#underWay.size >= MAX_WAITING) return;
    const work = this.#limit(() => this.#sendNow(subscriber)).finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
    background(work, "deletion_notice", this.#dependencies.logger);
  }

  /** Resolves when nobody is being told. */
  async idle(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** Gives up what is under way. */
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
