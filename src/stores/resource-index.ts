import { RingmainError } from "../core/errors.ts";
import { resourceKey } from "../core/resources/resource-id.ts";
import type { ResourceChange, StoredResource, WriteCondition } from "../ports/resource-store.ts";

/**
 * All resources in memory. Checks the conditions of writes and notifies watchers. The store that owns the index stores
 * the resources.
 */
export class ResourceIndex {
  readonly #resources = new Map<string, StoredResource>();
  readonly #watchers = new Set<(change: ResourceChange) => void>();

  get(id: string): StoredResource | undefined {
    return this.#resources.get(resourceKey(id));
  }

  /** Returns all resources, ordered by id. */
  list(): StoredResource[] {
    const keys = [...this.#resources.keys()].toSorted();
    return keys.flatMap((key) => this.#resources.get(key) ?? []);
  }

  /** Throws `precondition_failed` if the current state does not meet the condition. */
  check(id: string, condition: WriteCondition): void {
    const etag = this.get(id)?.etag;
    if (condition.kind === "absent" && etag !== undefined) {
      throw new RingmainError("precondition_failed", `${id} exists already`);
    }
    if (condition.kind === "etag" && etag !== condition.etag) {
      throw new RingmainError(
        "precondition_failed",
        etag === undefined ? `${id} does not exist` : `${id} has changed: its etag is not ${condition.etag}`,
      );
    }
  }

  /** Applies a change that has been written, and notifies the watchers. */
  apply(change: ResourceChange): void {
    if (change.after === undefined) this.#resources.delete(resourceKey(change.id));
    else this.#resources.set(resourceKey(change.id), change.after);
    for (const watcher of this.#watchers) {
      try {
        watcher(change);
      } catch {
        // A watcher that throws affects neither the write, which is done, nor the other watchers.
      }
    }
  }

  watch(listener: (change: ResourceChange) => void): () => void {
    // A wrapper, so that the same function can be added and removed more than once.
    const watcher = (change: ResourceChange): void => listener(change);
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }
}
