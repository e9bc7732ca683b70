import { toError } from "../../../core/errors.ts";
import { MINUTE_MS, SECOND_MS } from "../../../core/time.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { SystemEvent } from "../../../ports/event-source.ts";
import type { Logger } from "../../../ports/logger.ts";

/** Maximum number of owed events. At the limit, calls that raise events are refused before they have any effect. */
const MAX_EVENTS = 10_000;
const FIRST_WAIT_MS = SECOND_MS;
const LONGEST_WAIT_MS = MINUTE_MS;

export interface OwedEventsDependencies {
  readonly publish: (events: readonly SystemEvent[]) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Events of calls that the service has carried out but that the store could not accept. Their clients got 503, but
 * a client cannot repeat every call: a delete finds nothing the second time. Therefore the events are retried in
 * order until they are stored, after one second, then after twice as long each time, at most every minute. They are
 * kept in memory only: a crash loses them. Source: [EG-STORAGE-OWED]
 */
export class OwedEvents {
  readonly #dependencies: OwedEventsDependencies;
  readonly #stopped = new AbortController();
  #owed: SystemEvent[] = [];
  #retrying: Promise<void> | undefined;

  constructor(dependencies: OwedEventsDependencies) {
    this.#dependencies = dependencies;
  }

  get isFull(): boolean {
    return this.#owed.length >= MAX_EVENTS;
  }

  add(events: readonly SystemEvent[]): void {
    this.#owed.push(...events);
    this.#retrying ??= this.#retry().finally(() => (this.#retrying = undefined));
  }

  /** Tries once more, and logs the number of lost events. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#retrying;
    await this.#tryAll();
    if (this.#owed.length > 0) this.#dependencies.logger.error("storage_events_lost", { events: this.#owed.length });
  }

  async #retry(): Promise<void> {
    const { clock } = this.#dependencies;
    for (let waitMs = FIRST_WAIT_MS; this.#owed.length > 0; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      try {
        await clock.sleepUntil(clock.now() + waitMs, this.#stopped.signal);
      } catch {
        // Stopped: `stop` makes the last attempt itself.
        return;
      }
      await this.#tryAll();
    }
  }

  async #tryAll(): Promise<void> {
    const events = [...this.#owed];
    if (events.length === 0) return;
    try {
      await this.#dependencies.publish(events);
      // Events that were added meanwhile come after these.
      this.#owed = this.#owed.slice(events.length);
      this.#dependencies.logger.info("storage_events_kept", { events: events.length });
    } catch (thrown) {
      this.#dependencies.logger.warn("storage_events_owed", { events: events.length, error: toError(thrown).message });
    }
  }
}
