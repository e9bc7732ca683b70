import { RingmainError } from "../core/errors.ts";
import { resourceKey } from "../core/resources/resource-id.ts";
import type { ResourceChange, StoredResource, WriteCondition } from "../ports/resource-store.ts";

/** All resources in memory, with the rules of conditional writes and the watchers. Keeping them is the store's part. */
export class ResourceIndex {
  readonly #resources = new Map<string, StoredResource>();
  readonly #watchers = new Set<(change: ResourceChange) => void>();

  get(id: string): StoredResource | undefined {
    return this.#resources.get(resourceKey(id));
  }

  /** All, ordered by id. */
  list(): StoredResource[] {
    const keys = [...this.#resources.keys()].toSorted();
    return keys.flatMap((key) => this.#resources.get(key) ?? []);
  }

  /** Errors: `precondition_failed` when what is there is not what `condition` expects. */
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

  /** Takes over what has been written, and tells the watchers. */
  apply(change: ResourceChange): void {
    if (change.after === undefined) this.#resources.delete(resourceKey(change.id));
    else this.#resources.set(resourceKey(change.id), change.after);
    for (const watcher of this.#watchers) {
      try {
        watcher(change);
      } catch {
        // A watcher that throws has no part in the write, which is done, nor in what the others are told.
      }
    }
  }

  watch(listener: (change: ResourceChange) => void): () => void {
    // Wrapped, so that the same function may watch twice and stop twice.
    const watcher = (change: ResourceChange): void => listener(change);
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }
}
