import type { QueueName } from "../../core/delivery.ts";
import { MinHeap } from "../../core/min-heap.ts";
import type { EpochMs } from "../../core/time.ts";

/** A time at which a queue must be received from. */
interface DueEntry {
  readonly at: EpochMs;
  readonly queue: QueueName;
}

/**
 * The next time at which each queue must be received from. A queue has one time, the earliest requested one; taking a
 * queue removes its time. Entries that an earlier time replaced stay in the heap and are skipped when they reach its
 * top, which is cheaper than moving them.
 */
export class DueSchedule {
  readonly #heap = new MinHeap<DueEntry>((one, other) => one.at < other.at);
  readonly #current = new Map<QueueName, EpochMs>();

  /**
   * Schedules `queue` for `at`, unless an earlier time is set. Returns whether `at` is now the earliest time of all
   * queues.
   */
  add(queue: QueueName, at: EpochMs): boolean {
    const known = this.#current.get(queue);
    if (known !== undefined && known <= at) return false;
    this.#current.set(queue, at);
    const entry = { at, queue };
    this.#heap.push(entry);
    return this.#heap.peek() === entry;
  }

  /** Returns the earliest scheduled time, or `Infinity` if there is none. */
  earliest(): EpochMs {
    this.#dropOutdated();
    return this.#heap.peek()?.at ?? Number.POSITIVE_INFINITY;
  }

  /** Removes and returns every queue that is due at `now`. */
  takeDue(now: EpochMs): QueueName[] {
    const due: QueueName[] = [];
    for (;;) {
      this.#dropOutdated();
      const first = this.#heap.peek();
      if (first === undefined || first.at > now) return due;
      this.#current.delete(first.queue);
      this.#heap.pop();
      due.push(first.queue);
    }
  }

  /** Removes a queue. */
  delete(queue: QueueName): void {
    this.#current.delete(queue);
  }

  #dropOutdated(): void {
    for (;;) {
      const first = this.#heap.peek();
      if (first === undefined || this.#current.get(first.queue) === first.at) return;
      this.#heap.pop();
    }
  }
}
