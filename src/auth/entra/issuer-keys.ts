import type { JSONWebKeySet, JWTVerifyGetKey, LocalJWKSet } from "jose";
import { RingmainError, toError } from "../../core/errors.ts";
import { HOUR_MS, SECOND_MS, type EpochMs } from "../../core/time.ts";
import type { FetchJson } from "./fetch-json.ts";

export interface IssuerKeysOptions {
  /** The issuer's URL, for example `https://login.microsoftonline.com/{tenant}/v2.0`. */
  readonly issuer: string;
  readonly fetchJson: FetchJson;
  readonly now: () => EpochMs;
}

/** Age at which keys are fetched again: the issuer may have withdrawn some. */
const MAX_AGE_MS = HOUR_MS;
/** Minimum time between two fetches, whichever keys the tokens name and however the issuer responds. */
const COOLDOWN_MS = 30 * SECOND_MS;

/**
 * The public keys of one token issuer, found through its OpenID metadata and cached. An unknown key triggers a new
 * fetch, at most every half minute. While the issuer cannot be reached, the last known keys stay in use.
 * Source: [EG-ENTRA-KEYS]
 */
export class IssuerKeys {
  readonly #options: IssuerKeysOptions;
  #keys: LocalJWKSet | undefined;
  #fetchedAt: EpochMs = -Infinity;
  #askedAt: EpochMs = -Infinity;
  #refreshing: Promise<void> | undefined;
  #problem = "";

  constructor(options: IssuerKeysOptions) {
    this.#options = options;
  }

  get issuer(): string {
    return this.#options.issuer;
  }

  /**
   * Returns the key of a token. Rejects with `issuer_unavailable` if no keys have been fetched so far, otherwise as
   * jose's key sets do.
   */
  readonly key: JWTVerifyGetKey = async (header, token) => {
    const { now } = this.#options;
    if (this.#keys === undefined || now() - this.#fetchedAt > MAX_AGE_MS) await this.#refresh();
    try {
      return await this.#known()(header, token);
    } catch (thrown) {
      if (!isUnknownKey(thrown) || !(await this.#refresh())) throw thrown;
      return this.#known()(header, token);
    }
  };

  #known(): LocalJWKSet {
    if (this.#keys !== undefined) return this.#keys;
    const message = `Cannot fetch the keys of the issuer ${this.#options.issuer}: ${this.#problem}. Send the request again later.`;
    throw new RingmainError("issuer_unavailable", message);
  }

  /** Fetches the keys unless that happened a moment ago. Resolves with whether new keys were fetched. Never rejects. */
  async #refresh(): Promise<boolean> {
    const before = this.#fetchedAt;
    const now = this.#options.now();
    if (this.#refreshing === undefined && now - this.#askedAt >= COOLDOWN_MS) {
      this.#askedAt = now;
      this.#refreshing = this.#fetch().finally(() => (this.#refreshing = undefined));
    }
    await this.#refreshing;
    return this.#fetchedAt !== before;
  }

  async #fetch(): Promise<void> {
    const { fetchJson, issuer, now } = this.#options;
    try {
      const metadata = await fetchJson(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
      const { issuer: named, jwks_uri: address } = metadata.body;
      if (metadata.status !== 200 || typeof address !== "string")
        throw new Error("its metadata has no address of its keys");
      if (named !== issuer) throw new Error(`its metadata belongs to another issuer, ${JSON.stringify(named)}`);
      const { status, body } = await fetchJson(address);
      if (status !== 200) throw new Error(`the request for its keys returned ${status}`);
      const { createLocalJWKSet } = await import("jose");
      this.#keys = createLocalJWKSet(body as unknown as JSONWebKeySet);
      this.#fetchedAt = now();
    } catch (thrown) {
      this.#problem = toError(thrown).message;
    }
  }
}

function isUnknownKey(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "ERR_JWKS_NO_MATCHING_KEY";
}
