import type { DeliveryOutcome, LockedDelivery } from "../core/delivery.ts";
import type { EpochMs } from "../core/time.ts";
import type { TraceContext } from "../core/trace-context.ts";

/** Delivers events to one endpoint for one event subscription. */
export interface Destination {
  /**
   * Attempts wait for a client to read events. They are aborted as soon as Ringmain stops, because nothing is in
   * progress; other attempts may end until the stop's deadline. [EG-STREAM]
   */
  readonly waitsForReaders?: boolean;

  /**
   * Makes one attempt to deliver a batch. The endpoint accepts all of it, or all of it has failed. Never rejects
   * because of network errors. Resolves with the outcome `Aborted` when `signal` is aborted.
   *
   * Deliveries have the schema in which they were published; the destination converts them.
   *
   * @param trace the attempt's position in a trace, if traces are recorded; otherwise, the first event carries the
   * trace of its publish request
   */
  deliver(
    batch: readonly LockedDelivery[],
    now: EpochMs,
    signal: AbortSignal,
    trace?: TraceContext,
  ): Promise<DeliveryOutcome>;

  /** Asks the endpoint for consent. Absent if the endpoint needs no handshake. */
  handshake?(request: HandshakeRequest, signal: AbortSignal): Promise<HandshakeOutcome>;

  /**
   * Notifies the endpoint that its subscription has been deleted. Absent if this type of endpoint is never notified;
   * resolves with `undefined` if this endpoint was not notified.
   */
  subscriptionDeleted?(notice: DeletionNotice, signal: AbortSignal): Promise<DeliveryOutcome | undefined>;

  /** Closes all connections. Idempotent. */
  close(): Promise<void>;
}

/** Data of a notice that a subscription has been deleted. */
export interface DeletionNotice {
  readonly now: EpochMs;
  /** Id of the notice event. */
  readonly eventId: string;
}

/** Data of a request for consent. */
export interface HandshakeRequest {
  readonly now: EpochMs;
  /** Id of the validation event. */
  readonly eventId: string;
  readonly validationCode: string;
  /** A GET request to this URL gives consent manually. */
  readonly validationUrl: string;
}

/** Result of a handshake. */
export type HandshakeOutcome =
  | { readonly kind: "validated"; readonly detail: string }
  /** The endpoint accepted the request without giving consent. It may still do so through the URL. */
  | { readonly kind: "awaiting-manual-action"; readonly detail: string }
  | { readonly kind: "failed"; readonly detail: string };
