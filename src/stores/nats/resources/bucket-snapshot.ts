import type { KvWatchEntry } from "@nats-io/kv";

/** What is left of a deleted key is kept this long, by the servers' clock: no node's watch is so far behind. */
const MARKER_KEPT_MS = 3_600_000;

/** What is left of a deleted key. */
interface Marker {
  readonly key: string;
  readonly revision: number;
  readonly storedAt: number;
}

/** What a watch of a bucket tells before it goes on with changes: every key, and a marker for each that was deleted. */
export class BucketSnapshot {
  readonly #keys = new Set<string>();
  readonly #markers = new Map<string, Marker>();
  /** When the latest of all was stored. */
  #latest = 0;

  /** Takes the next entry; answers whether everything has been told with it. */
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

  /** Markers much older than the latest change. */
  oldMarkers(): Marker[] {
    return [...this.#markers.values()].filter(({ storedAt }) => storedAt < this.#latest - MARKER_KEPT_MS);
  }
}
