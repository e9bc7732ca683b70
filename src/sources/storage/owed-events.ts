import { toError } from "../../core/errors.ts";
import { MINUTE_MS, SECOND_MS } from "../../core/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { SystemEvent } from "../../ports/event-source.ts";
import type { Logger } from "../../ports/logger.ts";

/** Events owed at one time; with so many, calls that raise events are refused before they do anything. */
const MAX_EVENTS = 10_000;
const FIRST_WAIT_MS = SECOND_MS;
const LONGEST_WAIT_MS = MINUTE_MS;

export interface OwedEventsDeps {
  readonly publish: (events: readonly SystemEvent[]) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Events of what the service has done already and the store refused to keep. Their clients were told 503, so nobody
 * believes them raised; but a client cannot repeat every call (a delete finds nothing the second time), so they are
 * tried again, in order, after a second, then after twice as long each time, at most every minute, until they are
 * kept. They are in memory only: a crash in the meantime loses them. Source: [EG-STORAGE-OWED]
 */
export class OwedEvents {
  readonly #deps: OwedEventsDeps;
  readonly #stopped = new AbortController();
  #owed: SystemEvent[] = [];
  #paying: Promise<void> | undefined;

  constructor(deps: OwedEventsDeps) {
    this.#deps = deps;
  }

  get isFull(): boolean {
    return this.#owed.length >= MAX_EVENTS;
  }

  add(events: readonly SystemEvent[]): void {
    this.#owed.push(...events);
    this.#paying ??= this.#pay().finally(() => (this.#paying = undefined));
  }

  /** Tries once more, and says what is lost. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#paying;
    await this.#tryAll();
    if (this.#owed.length > 0) this.#deps.logger.error("storage_events_lost", { events: this.#owed.length });
  }

  async #pay(): Promise<void> {
    const { clock } = this.#deps;
    for (let waitMs = FIRST_WAIT_MS; this.#owed.length > 0; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      try {
        await clock.sleepUntil(clock.now() + waitMs, this.#stopped.signal);
      } catch {
        // Stopping: `stop` tries once more itself.
        return;
      }
      await this.#tryAll();
    }
  }

  async #tryAll(): Promise<void> {
    const events = [...this.#owed];
    if (events.length === 0) return;
    try {
      await this.#deps.publish(events);
      // What was added meanwhile stands behind them.
      this.#owed = this.#owed.slice(events.length);
      this.#deps.logger.info("storage_events_kept", { events: events.length });
    } catch (thrown) {
      this.#deps.logger.warn("storage_events_owed", { events: events.length, error: toError(thrown).message });
    }
  }
}
