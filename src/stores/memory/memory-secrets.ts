import type { StoreSecrets } from "../../ports/store-secrets.ts";

/** Secrets in memory. They are not shared with other processes. */
export class MemorySecrets implements StoreSecrets {
  readonly #kept = new Map<string, string>();

  async obtain(name: string, create: () => Promise<string>): Promise<string> {
    const known = this.#kept.get(name);
    if (known !== undefined) return known;
    const created = await create();
    const kept = this.#kept.get(name) ?? created;
    this.#kept.set(name, kept);
    return kept;
  }

  async find(name: string): Promise<string | undefined> {
    return this.#kept.get(name);
  }
}
