import type { StoreSecrets } from "../../ports/store-secrets.ts";

/** Secrets in memory: another process has others. */
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
}
