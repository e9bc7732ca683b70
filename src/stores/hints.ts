import type { QueueName } from "../core/delivery.ts";

/** Who wants to know that a queue may have something to give. */
export class Hints {
  readonly #listeners = new Set<(queue: QueueName) => void>();

  listen(listener: (queue: QueueName) => void): () => void {
    // Wrapped, so that the same function may listen twice and stop twice.
    const entry = (queue: QueueName): void => listener(queue);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  tell(queue: QueueName): void {
    for (const listener of this.#listeners) {
      try {
        listener(queue);
      } catch {
        // A hint may be lost; a listener that throws must not fail the write it is told of.
      }
    }
  }
}
