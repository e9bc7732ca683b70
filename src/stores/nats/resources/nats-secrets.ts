import type { KV } from "@nats-io/kv";
import { toError } from "../../../core/errors.ts";
import type { StoreSecrets } from "../../../ports/store-secrets.ts";
import { unavailable } from "../link/nats-link.ts";

/** Prefix of the keys of all secrets in the store's bucket. */
const SECRET_PREFIX = "secret.";

/** Secrets in the store's bucket, which every node can read. */
export class NatsSecrets implements StoreSecrets {
  readonly #bucket: KV;

  constructor(bucket: KV) {
    this.#bucket = bucket;
  }

  async obtain(name: string, create: () => Promise<string>): Promise<string> {
    const key = SECRET_PREFIX + name;
    const known = await this.#read(key);
    if (known !== undefined) return known;
    const created = await create();
    let refusal: unknown;
    // Another node may be faster. In that case, its secret applies.
    await this.#bucket.create(key, created).catch((thrown: unknown) => (refusal = thrown));
    const kept = await this.#read(key);
    if (kept === undefined) throw unavailable(`A secret cannot be stored: ${toError(refusal).message}`, refusal);
    return kept;
  }

  find(name: string): Promise<string | undefined> {
    return this.#read(SECRET_PREFIX + name);
  }

  async #read(key: string): Promise<string | undefined> {
    try {
      return (await this.#bucket.get(key))?.string();
    } catch (thrown) {
      throw unavailable(`Secrets cannot be read: ${toError(thrown).message}`, thrown);
    }
  }
}
