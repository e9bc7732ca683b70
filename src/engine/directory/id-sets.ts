import { resourceKey } from "../../core/resources/resource-id.ts";

/** Sets of resource ids, each under a key and in the order of insertion. */
export class IdSets {
  readonly #sets = new Map<string, Map<string, string>>();

  add(key: string, id: string): void {
    const ids = this.#sets.get(key) ?? new Map<string, string>();
    this.#sets.set(key, ids.set(resourceKey(id), id));
  }

  delete(key: string, id: string): void {
    const ids = this.#sets.get(key);
    ids?.delete(resourceKey(id));
    if (ids?.size === 0) this.#sets.delete(key);
  }

  first(key: string): string | undefined {
    return this.#sets.get(key)?.values().next().value;
  }

  count(key: string): number {
    return this.#sets.get(key)?.size ?? 0;
  }

  all(key: string): readonly string[] {
    return [...(this.#sets.get(key)?.values() ?? [])];
  }
}
