import { toError } from "../core/errors.ts";
import { MINUTE_MS, SECOND_MS, type EpochMs } from "../core/time.ts";
import type { DeliveryToken, DeliveryTokenRequest, DeliveryTokens } from "../ports/delivery-tokens.ts";
import type { FetchJson } from "./entra/fetch-json.ts";

/** A token as its issuer returned it. */
export interface FetchedToken {
  readonly token: string;
  readonly expiresAt: EpochMs;
}

/** Fetches a new token. Rejects with an error whose message is half a sentence for users, without secrets. */
export type FetchToken = (request: DeliveryTokenRequest) => Promise<FetchedToken>;

/** Time before its expiry from which a token is no longer used: it must outlive the delivery, and clocks differ. */
const MARGIN_MS = 5 * MINUTE_MS;
/** Time for which a failure is kept, so that an issuer that failed is not asked again at once. */
const COOLDOWN_MS = 5 * SECOND_MS;
/** Maximum number of tokens kept. */
const MAX_KEPT = 1_000;

interface Kept {
  readonly result: Promise<DeliveryToken>;
  /** Time at which the result stops being valid; `Infinity` while it is being fetched. */
  until: EpochMs;
}

/** Caches each token until shortly before it expires, and each failure for a few seconds. Source: [EG-ENTRA-WEBHOOK] */
export class KeptDeliveryTokens implements DeliveryTokens {
  readonly #fetch: FetchToken;
  readonly #now: () => EpochMs;
  readonly #kept = new Map<string, Kept>();

  constructor(fetch: FetchToken, now: () => EpochMs) {
    this.#fetch = fetch;
    this.#now = now;
  }

  get(request: DeliveryTokenRequest): Promise<DeliveryToken> {
    const { tenantId, audience, source, identity } = request;
    const key = JSON.stringify([tenantId, audience, identity === undefined ? null : [source, identity]]);
    const known = this.#kept.get(key);
    if (known !== undefined && this.#now() < known.until) return known.result;
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    const kept: Kept = { result: this.#request(request, (until) => (kept.until = until)), until: Infinity };
    this.#kept.set(key, kept);
    return kept.result;
  }

  async #request(request: DeliveryTokenRequest, setUntil: (until: EpochMs) => void): Promise<DeliveryToken> {
    try {
      const { token, expiresAt } = await this.#fetch(request);
      setUntil(expiresAt - MARGIN_MS);
      return { kind: "token", token };
    } catch (thrown) {
      setUntil(this.#now() + COOLDOWN_MS);
      return { kind: "failed", cause: toError(thrown).message };
    }
  }
}

/** An application registered at an authority. Deliveries carry its tokens. */
export interface DeliveryClient {
  /** For example `https://login.microsoftonline.com`. */
  readonly authority: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Maximum length of an authority's reason for a refusal. */
const MAX_REASON_CHARS = 200;

/**
 * Returns a function that fetches tokens from an authority like Entra with a client's secret. Source:
 * [EG-ENTRA-WEBHOOK]
 */
export function fetchFromAuthority(client: DeliveryClient, fetchJson: FetchJson, now: () => EpochMs): FetchToken {
  return async ({ tenantId = "common", audience }) => {
    const url = `${client.authority.replace(/\/$/, "")}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`;
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: client.clientId,
      client_secret: client.clientSecret,
      scope: `${audience}/.default`,
    });
    const askedAt = now();
    const { status, body } = await fetchJson(url, form);
    const { access_token: token, expires_in: seconds, error_description: reason } = body;
    if (status === 200 && typeof token === "string" && /^[\x21-\x7e]+$/.test(token)) {
      return { token, expiresAt: askedAt + (Number(seconds) || 0) * SECOND_MS };
    }
    const explanation = typeof reason === "string" ? ` (${firstLine(reason.slice(0, MAX_REASON_CHARS))})` : "";
    throw new Error(`${new URL(url).origin} answered ${status}${explanation}`);
  };
}

/** Returns the first line of an error description. The other lines of Entra's are request ids. */
function firstLine(text: string): string {
  return text.split(/[\r\n]/, 1)[0]?.trimEnd() ?? "";
}
