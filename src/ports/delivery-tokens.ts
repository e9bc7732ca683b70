import type { SourceIdentity } from "../core/subscriber.ts";

/** For whom a delivery needs a token. */
export interface DeliveryTokenRequest {
  /** Entra tenant; unset: the one there is. */
  readonly tenantId?: string;
  /** The receiving application, by its id or its URI. */
  readonly audience: string;
  /** ARM id of what the subscription listens to. */
  readonly source: string;
  /** Which identity of the source delivers; unset: the router's own. */
  readonly identity?: SourceIdentity;
}

/** A token, or why there is none: half a sentence for people, without secrets. */
export type DeliveryToken =
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "failed"; readonly cause: string };

/** Tells receivers who delivers. */
export interface DeliveryTokens {
  /** A token that is good for some minutes yet. Never rejects. */
  get(request: DeliveryTokenRequest): Promise<DeliveryToken>;
}
