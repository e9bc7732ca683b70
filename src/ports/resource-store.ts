import type { Resource } from "../core/resources/resources.ts";

/** A stored resource. */
export interface StoredResource {
  readonly resource: Resource;
  /** Opaque; changes with every write. */
  readonly etag: string;
}

/** A change: the new state, or `undefined` as `after` if the resource has been deleted. */
export interface ResourceChange {
  readonly id: string;
  readonly after: StoredResource | undefined;
}

/** The state that a write expects. */
export type WriteCondition =
  /** Any state. */
  | { readonly kind: "any" }
  /** The resource must not exist. */
  | { readonly kind: "absent" }
  /** The resource must exist with this etag. */
  | { readonly kind: "etag"; readonly etag: string };

/**
 * Stores resources by ARM id. Ids are compared without regard to case. When a write resolves, it is durable and its
 * watchers have been notified. If its condition is not met, it rejects with `precondition_failed`; `get` and the
 * watchers know the conflicting write by then.
 */
export interface ResourceStore {
  get(id: string): Promise<StoredResource | undefined>;
  /** Returns all resources, ordered by id. */
  list(): Promise<readonly StoredResource[]>;
  put(resource: Resource, condition: WriteCondition): Promise<StoredResource>;
  /** Deletes a resource. Returns whether it existed. */
  delete(id: string, condition: WriteCondition): Promise<boolean>;
  /**
   * Calls `listener` with every change after this call, by this or another process, in order for each resource. Returns
   * a function that ends the watch.
   */
  watch(listener: (change: ResourceChange) => void): () => void;
}
