import type { QueueName } from "../../../core/delivery.ts";
import type { EpochMs } from "../../../core/time.ts";
import { afterAttempt } from "../../after-attempt.ts";
import type { Lock } from "../../lock-table.ts";
import type { NatsLink } from "../link/nats-link.ts";
import { pause } from "../link/pause.ts";
import type { DeliveryWriter } from "./delivery-writer.ts";
import type { HeldMessage, QueueView } from "./queue-view.ts";

/**
 * Additional time in milliseconds for which the server holds the message of a counted receive after its lock. In this
 * time the node that issued the lock replaces the message with one that has a higher count.
 */
export const COUNT_MARGIN_MS = 2_000;
/** Milliseconds between two checks of the locks, while there are any. */
const TICK_MS = 250;

export interface CountedLocksOptions {
  readonly link: NatsLink;
  readonly writer: DeliveryWriter;
  /** Ends the checks when aborted. */
  readonly closing: AbortSignal;
  /** Called when a delivery of a queue waits again. */
  readonly available: (queue: QueueName) => void;
}

/**
 * Counts the receives of this node whose locks run out.
 * - *idle*: no queue has a counted lock. Left by {@link watch}.
 * - *watching*: a timer checks the watched queues every 250 ms. A queue without locks is no longer watched; after the
 *   last one, the state is *idle* again.
 *
 * Each expired lock is counted once: by the timer, or by an earlier call with a time after its end.
 */
export class CountedLocks {
  readonly #options: CountedLocksOptions;
  readonly #watched = new Set<QueueView>();
  #now: EpochMs = 0;
  #watching = false;

  constructor(options: CountedLocksOptions) {
    this.#options = options;
  }

  /** Starts watching a queue that now has a counted lock. */
  watch(view: QueueView, now: EpochMs): void {
    this.#now = Math.max(this.#now, now);
    this.#watched.add(view);
    if (this.#watching) return;
    this.#watching = true;
    void this.#tick();
  }

  /** Stops watching a queue that was removed. */
  forget(view: QueueView): void {
    this.#watched.delete(view);
  }

  /**
   * Counts a receive whose lock has run out: its delivery waits with a higher count. If this fails, the server delivers
   * the message again with its old count.
   */
  async count({ name, address }: QueueView, { delivery: held }: Lock<HeldMessage>): Promise<void> {
    const { link, writer, available } = this.#options;
    const { delivery, sequence, ackSubject, epoch } = held;
    try {
      const frame = await writer.encode(afterAttempt(delivery, { counted: true }));
      const message = { sequence, ackSubject, certain: epoch === link.epoch };
      if (await writer.replace(address, message, address, frame)) available(name);
    } catch {
      // There is no connection. The receive remains uncounted, as if it had been interrupted.
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
