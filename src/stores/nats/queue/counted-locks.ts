import type { QueueName } from "../../../core/delivery.ts";
import type { EpochMs } from "../../../core/time.ts";
import { afterAttempt } from "../../after-attempt.ts";
import type { Lock } from "../../lock-table.ts";
import type { NatsLink } from "../link/nats-link.ts";
import { pause } from "../link/pause.ts";
import type { DeliveryWriter } from "./delivery-writer.ts";
import type { HeldMessage, QueueView } from "./queue-view.ts";

/**
 * A server holds the message of a counted receive for so much longer than its lock: in this time the node that gave the
 * lock puts a message with a higher count in its place.
 */
export const COUNT_MARGIN_MS = 2_000;
/** How often locks are looked at, while there are any. */
const TICK_MS = 250;

export interface CountedLocksOptions {
  readonly link: NatsLink;
  readonly writer: DeliveryWriter;
  /** Ends the watch. */
  readonly closing: AbortSignal;
  /** Something waits in a queue again. */
  readonly available: (queue: QueueName) => void;
}

/**
 * Counts the receives of this node whose locks run out.
 *
 * *idle*: no queue has a counted lock. `watch` leads to *watching*: a timer looks at the watched queues every 250 ms, and
 * a queue without locks is not watched any more; after the last one it is idle again. Whoever notices the end of a lock,
 * the timer or a call with a later time, has it counted once.
 */
export class CountedLocks {
  readonly #options: CountedLocksOptions;
  readonly #watched = new Set<QueueView>();
  #now: EpochMs = 0;
  #watching = false;

  constructor(options: CountedLocksOptions) {
    this.#options = options;
  }

  /** Watches a queue that has a counted lock now. */
  watch(view: QueueView, now: EpochMs): void {
    this.#now = Math.max(this.#now, now);
    this.#watched.add(view);
    if (this.#watching) return;
    this.#watching = true;
    void this.#tick();
  }

  /** Stops watching a queue: it was removed. */
  forget(view: QueueView): void {
    this.#watched.delete(view);
  }

  /**
   * Counts a receive whose lock has run out: its delivery waits with a higher count. Where that fails, the server gives
   * it out again with the count it had.
   */
  async count({ name, address }: QueueView, { delivery: held }: Lock<HeldMessage>): Promise<void> {
    const { link, writer, available } = this.#options;
    const { delivery, sequence, ackSubject, epoch } = held;
    try {
      const frame = await writer.encode(afterAttempt(delivery, { counted: true }));
      const message = { sequence, ackSubject, certain: epoch === link.epoch };
      if (await writer.replace(address, message, address, frame)) available(name);
    } catch {
      // No connection now: a receive that was interrupted, in effect.
    }
  }

  async #tick(): Promise<void> {
    const { closing } = this.#options;
    while (this.#watched.size > 0 && !closing.aborted) {
      await pause(TICK_MS, closing);
      this.#now += TICK_MS;
      for (const view of this.#watched) {
        view.expire(this.#now);
        if (view.locks.held === 0) this.#watched.delete(view);
      }
    }
    this.#watching = false;
  }
}
