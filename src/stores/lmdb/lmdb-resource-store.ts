import { resourceKey } from "../../core/resources/resource-id.ts";
import type { Resource } from "../../core/resources/resources.ts";
import { Turns } from "../../core/async/turns.ts";
import type { ResourceChange, ResourceStore, StoredResource, WriteCondition } from "../../ports/resource-store.ts";
import { ResourceIndex } from "../resource-index.ts";
import type { RoomNeed } from "./log/room.ts";
import type { StoreFile } from "./log/store-file.ts";
import type { Draft } from "./queue/draft.ts";
import type { GroupCommit } from "./log/group-commit.ts";
import { numberKey, textKey } from "./file/keys.ts";

/** Key in `meta` of the latest etag. */
export const REVISION_KEY: Buffer = Buffer.from("revision");

/** Resources in an LMDB file. All of them are also kept in memory, because they are few and are read often. */
export class LmdbResourceStore implements ResourceStore {
  readonly #commits: GroupCommit<Draft>;
  readonly #index = new ResourceIndex();
  #revision: number;
  /**
   * Runs the writes of each resource one after the other, so that each sees the state that its condition applies to.
   * Writes of other resources share the flush.
   */
  readonly #turns = new Turns();

  constructor(file: StoreFile, commits: GroupCommit<Draft>) {
    this.#commits = commits;
    this.#revision = file.get("meta", REVISION_KEY)?.readUIntBE(0, 6) ?? 0;
    for (const { value } of file.range("resources", Buffer.alloc(1))) {
      const stored = JSON.parse(value.toString("utf8")) as StoredResource;
      this.#index.apply({ id: stored.resource.id, after: stored });
    }
  }

  async get(id: string): Promise<StoredResource | undefined> {
    return this.#index.get(id);
  }

  async list(): Promise<readonly StoredResource[]> {
    return this.#index.list();
  }

  put(resource: Resource, condition: WriteCondition): Promise<StoredResource> {
    return this.#turns.take(resourceKey(resource.id), async () => {
      this.#index.check(resource.id, condition);
      const key = textKey(resourceKey(resource.id));
      const stored = { resource, etag: String((this.#revision += 1)) };
      const revision = numberKey(this.#revision, 6);
      const value = Buffer.from(JSON.stringify(stored));
      const room: RoomNeed = { bytes: value.length, longest: value.length, purpose: "arriving" };
      await this.#write({ id: resource.id, after: stored }, room, (draft) => {
        draft.put("resources", key, value);
        draft.put("meta", REVISION_KEY, revision);
      });
      return stored;
    });
  }

  delete(id: string, condition: WriteCondition): Promise<boolean> {
    return this.#turns.take(resourceKey(id), async () => {
      this.#index.check(id, condition);
      if (this.#index.get(id) === undefined) return false;
      const key = textKey(resourceKey(id));
      await this.#write({ id, after: undefined }, undefined, (draft) => draft.remove("resources", key));
      return true;
    });
  }

  watch(listener: (change: ResourceChange) => void): () => void {
    return this.#index.watch(listener);
  }

  #write(change: ResourceChange, room: RoomNeed | undefined, draft: (draft: Draft) => void): Promise<void> {
    const applied = (): void => this.#index.apply(change);
    return this.#commits.write({ ...(room !== undefined && { room }), draft, applied });
  }
}
