import { toError } from "../core/errors.ts";
import { MINUTE_MS, SECOND_MS, type EpochMs } from "../core/time.ts";
import type { DeliveryToken, DeliveryTokenRequest, DeliveryTokens } from "../ports/delivery-tokens.ts";
import type { FetchJson } from "./entra/fetch-json.ts";

/** A token as its issuer gave it. */
export interface FetchedToken {
  readonly token: string;
  readonly expiresAt: EpochMs;
}

/** Gets a new token. Rejects with half a sentence for people, without secrets. */
export type FetchToken = (request: DeliveryTokenRequest) => Promise<FetchedToken>;

/** A token is not used in its last minutes: it must outlive the delivery, and clocks differ. */
const MARGIN_MS = 5 * MINUTE_MS;
/** An issuer that failed is not asked again at once. */
const COOLDOWN_MS = 5 * SECOND_MS;
/** Tokens kept at one time. */
const MAX_KEPT = 1_000;

interface Kept {
  readonly answer: Promise<DeliveryToken>;
  /** Until when the answer stands; `Infinity` while it is fetched. */
  until: EpochMs;
}

/** Keeps each token until it is nearly over, and each failure for a moment. Source: [EG-ENTRA-WEBHOOK] */
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
    if (known !== undefined && this.#now() < known.until) return known.answer;
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    const kept: Kept = { answer: this.#ask(request, (until) => (kept.until = until)), until: Infinity };
    this.#kept.set(key, kept);
    return kept.answer;
  }

  async #ask(request: DeliveryTokenRequest, stands: (until: EpochMs) => void): Promise<DeliveryToken> {
    try {
      const { token, expiresAt } = await this.#fetch(request);
      stands(expiresAt - MARGIN_MS);
      return { kind: "token", token };
    } catch (thrown) {
      stands(this.#now() + COOLDOWN_MS);
      return { kind: "failed", cause: toError(thrown).message };
    }
  }
}

/** An application at an authority, whose tokens deliveries carry. */
export interface DeliveryClient {
  /** For example `https://login.microsoftonline.com`. */
  readonly authority: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What an authority says of a refusal, cut. */
const MAX_REASON_CHARS = 200;

/** Gets tokens from an authority like Entra, with a client's secret. Source: [EG-ENTRA-WEBHOOK] */
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
    const told = typeof reason === "string" ? ` (${firstLine(reason.slice(0, MAX_REASON_CHARS))})` : "";
    throw new Error(`${new URL(url).origin} answered ${status}${told}`);
  };
}

/** Entra's descriptions go on with ids of the request. */
function firstLine(text: string): string {
  return text.split(/[\r\n]/, 1)[0]?.trimEnd() ?? "";
}
