import type { SourceIdentity } from "../core/subscriber.ts";

/** A request for a token that authenticates deliveries. */
export interface DeliveryTokenRequest {
  /** The Entra tenant. If unset, the only configured one. */
  readonly tenantId?: string;
  /** The id or URI of the receiving application. */
  readonly audience: string;
  /** ARM id of the subscription's source. */
  readonly source: string;
  /** The identity of the source that delivers. If unset, Ringmain's own identity. */
  readonly identity?: SourceIdentity;
}

/** A token, or the reason why there is none: a clause for log lines and errors, without secrets. */
export type DeliveryToken =
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "failed"; readonly cause: string };

/** Issues the tokens that authenticate deliveries to their receivers. */
export interface DeliveryTokens {
  /** Returns a token that is valid for some more minutes. Never rejects. */
  get(request: DeliveryTokenRequest): Promise<DeliveryToken>;
}
