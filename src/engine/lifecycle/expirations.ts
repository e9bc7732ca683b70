import { toError } from "../../core/errors.ts";
import { kindOf } from "../../core/kinds/index.ts";
import type { Resource } from "../../core/resources/resources.ts";
import { MINUTE_MS, type EpochMs } from "../../core/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";
import { background } from "../background.ts";
import type { ResourceDirectory } from "../directory/resource-directory.ts";

/** Time after which a failed deletion is tried again. */
const RETRY_AFTER_MS = MINUTE_MS;

/** Collaborators of {@link Expirations}. */
export interface ExpirationDependencies {
  readonly directory: ResourceDirectory;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly remove: (id: string) => Promise<unknown>;
}

/**
 * Deletes resources when they expire: event subscriptions at their expiration time, and partner topics that were not
 * activated in time, together with their channels. If several nodes share a store, each one does this; deleting a
 * resource twice does no harm.
 *
 * Source: [EG-SUBSCRIPTION-EXPIRY], [EG-PARTNER-EXPIRY]
 */
export class Expirations {
  readonly #dependencies: ExpirationDependencies;
  readonly #ends = new Map<string, EpochMs>();
  readonly #stopping = new AbortController();
  #wakeup = new AbortController();
  #working: Promise<void> = Promise.resolve();

  constructor(dependencies: ExpirationDependencies) {
    this.#dependencies = dependencies;
    dependencies.directory.onChange((before, after) => this.#follow(before, after));
  }

  /** Starts deleting expired resources. The resources of the directory are known already. */
  start(): void {
    background(this.#run(), "expirations", this.#dependencies.logger);
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** Resolves when no deletion is in progress. */
  async idle(): Promise<void> {
    await this.#working;
  }

  #follow(before: Resource | undefined, after: Resource | undefined): void {
    const id = (after ?? before)?.id;
    const end = after === undefined ? undefined : kindOf(after).endsAt(after);
    if (id === undefined || this.#ends.get(id) === end) return;
    if (end === undefined) this.#ends.delete(id);
    else this.#ends.set(id, end);
    this.#wakeup.abort();
  }

  async #run(): Promise<void> {
    const { clock } = this.#dependencies;
    const stop = this.#stopping.signal;
    while (!stop.aborted) {
      this.#wakeup = new AbortController();
      this.#working = this.#deleteDue();
      await this.#working;
      const interrupted = AbortSignal.any([stop, this.#wakeup.signal]);
      try {
        await clock.sleepUntil(Math.min(...this.#ends.values()), interrupted);
      } catch (thrown) {
        if (!interrupted.aborted) throw thrown;
      }
    }
  }

  async #deleteDue(): Promise<void> {
    const { clock, directory, logger, remove } = this.#dependencies;
    for (const [id, end] of this.#ends) {
      if (end > clock.now()) continue;
      this.#ends.delete(id);
      try {
        await remove(directory.channelTo(id)?.id ?? id);
        logger.info("resource_expired", { id });
      } catch (thrown) {
        this.#ends.set(id, clock.now() + RETRY_AFTER_MS);
        logger.error("expiry_failed", { id, error: toError(thrown).message });
      }
    }
  }
}
