import type { DeliveryOutcome, LockedDelivery } from "../core/delivery.ts";
import type { EpochMs } from "../core/time.ts";
import type { TraceContext } from "../core/trace-context.ts";

/** Delivers events to one place for one subscription. */
export interface Destination {
  /**
   * One attempt at one batch: all of it is accepted or all of it failed. Never rejects for what a network normally
   * does. When `signal` is aborted it gives up and answers outcome `Aborted`.
   * Deliveries arrive in the schema they were published in; the destination converts.
   * `trace` is the attempt's own place in a trace, where Ringmain traces; else the first event's is the request's.
   */
  deliver(
    batch: readonly LockedDelivery[],
    now: EpochMs,
    signal: AbortSignal,
    trace?: TraceContext,
  ): Promise<DeliveryOutcome>;

  /** Asks the endpoint for consent. Absent where none is needed. */
  handshake?(request: HandshakeRequest, signal: AbortSignal): Promise<HandshakeOutcome>;

  /** Tells the endpoint that its subscription is gone. Absent where nobody is told; `undefined` when it was not. */
  subscriptionDeleted?(notice: DeletionNotice, signal: AbortSignal): Promise<DeliveryOutcome | undefined>;

  /** Lets connections go. Idempotent. */
  close(): Promise<void>;
}

/** What goes into telling of a subscription's end. */
export interface DeletionNotice {
  readonly now: EpochMs;
  /** Id of the event that tells it. */
  readonly eventId: string;
}

/** What an endpoint is asked. */
export interface HandshakeRequest {
  readonly now: EpochMs;
  /** Id of the validation event. */
  readonly eventId: string;
  readonly validationCode: string;
  /** A GET on this consents by hand. */
  readonly validationUrl: string;
}

/** What an endpoint answered. */
export type HandshakeOutcome =
  | { readonly kind: "validated"; readonly detail: string }
  /** It took the request without consenting: it may still do so by the URL. */
  | { readonly kind: "awaiting-manual-action"; readonly detail: string }
  | { readonly kind: "failed"; readonly detail: string };
