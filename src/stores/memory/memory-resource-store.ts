import type { Resource } from "../../core/resources/resources.ts";
import type { ResourceChange, ResourceStore, StoredResource, WriteCondition } from "../../ports/resource-store.ts";
import { ResourceIndex } from "../resource-index.ts";

/** Resources in memory. */
export class MemoryResourceStore implements ResourceStore {
  readonly #index = new ResourceIndex();
  #revision = 0;

  async get(id: string): Promise<StoredResource | undefined> {
    return this.#index.get(id);
  }

  async list(): Promise<readonly StoredResource[]> {
    return this.#index.list();
  }

  async put(resource: Resource, condition: WriteCondition): Promise<StoredResource> {
    this.#index.check(resource.id, condition);
    const stored = { resource, etag: String((this.#revision += 1)) };
    this.#index.apply({ id: resource.id, after: stored });
    return stored;
  }

  async delete(id: string, condition: WriteCondition): Promise<boolean> {
    this.#index.check(id, condition);
    if (this.#index.get(id) === undefined) return false;
    this.#index.apply({ id, after: undefined });
    return true;
  }

  watch(listener: (change: ResourceChange) => void): () => void {
    return this.#index.watch(listener);
  }
}
