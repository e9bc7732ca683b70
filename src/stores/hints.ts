import type { QueueName } from "../core/delivery.ts";

/** Listeners that are notified when a queue may have due deliveries. */
export class Hints {
  readonly #listeners = new Set<(queue: QueueName) => void>();

  listen(listener: (queue: QueueName) => void): () => void {
    // A wrapper, so that the same function can be added and removed more than once.
    const entry = (queue: QueueName): void => listener(queue);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  notify(queue: QueueName): void {
    for (const listener of this.#listeners) {
      try {
        listener(queue);
      } catch {
        // A hint may be lost. A listener that throws must not fail the write that caused the hint.
      }
    }
  }
}
