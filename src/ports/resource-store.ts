import type { Resource } from "../core/resources/resources.ts";

/** A resource as stored. */
export interface StoredResource {
  readonly resource: Resource;
  /** Changes with every write; opaque. */
  readonly etag: string;
}

/** One change: the new state, or `undefined` for `after` when the resource is gone. */
export interface ResourceChange {
  readonly id: string;
  readonly after: StoredResource | undefined;
}

/** What a write expects of the state before it. */
export type WriteCondition =
  /** Anything. */
  | { readonly kind: "any" }
  /** The resource must not exist. */
  | { readonly kind: "absent" }
  /** The resource must exist with this etag. */
  | { readonly kind: "etag"; readonly etag: string };

/**
 * Resources by ARM id. Ids compare without regard to case. Writes are durable when they resolve, and watchers have been
 * told of them. A condition that does not hold rejects with `precondition_failed`, once `get` and the watchers know of
 * the write that it lost to.
 */
export interface ResourceStore {
  get(id: string): Promise<StoredResource | undefined>;
  /** All resources, ordered by id. */
  list(): Promise<readonly StoredResource[]>;
  put(resource: Resource, condition: WriteCondition): Promise<StoredResource>;
  /** Answers whether there was one. */
  delete(id: string, condition: WriteCondition): Promise<boolean>;
  /** Tells of every change made after the call, here or by another process on the same store, in order per resource. */
  watch(listener: (change: ResourceChange) => void): () => void;
}
