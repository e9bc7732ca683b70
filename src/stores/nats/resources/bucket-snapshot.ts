import type { KvWatchEntry } from "@nats-io/kv";

/**
 * Time in milliseconds, by the servers' clock, for which markers of deleted keys are kept. No watch is that far behind.
 */
const MARKER_KEPT_MS = 3_600_000;

/** The marker of a deleted key. */
interface Marker {
  readonly key: string;
  readonly revision: number;
  readonly storedAt: number;
}

/**
 * The initial state that a watch of a bucket sends before it continues with changes: every key, and a marker for each
 * deleted key.
 */
export class BucketSnapshot {
  readonly #keys = new Set<string>();
  readonly #markers = new Map<string, Marker>();
  /** Time at which the latest entry was stored. */
  #latest = 0;

  /** Adds an entry. Returns whether the snapshot is complete. */
  take({ key, revision, operation, created, isUpdate }: KvWatchEntry): boolean {
    const storedAt = created.getTime();
    this.#latest = Math.max(this.#latest, storedAt);
    if (operation === "PUT") {
      this.#keys.add(key);
      this.#markers.delete(key);
    } else {
      this.#keys.delete(key);
      this.#markers.set(key, { key, revision, storedAt });
    }
    return isUpdate;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** Returns the markers that are much older than the latest change. */
  oldMarkers(): Marker[] {
    return [...this.#markers.values()].filter(({ storedAt }) => storedAt < this.#latest - MARKER_KEPT_MS);
  }
}
