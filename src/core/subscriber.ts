import type { DeadLetterDescription } from "./destinations/dead-letter.ts";
import type { DestinationDescription } from "./destinations/index.ts";
import type { EventDeliverySchema } from "./event.ts";
import type { FilterDescription } from "./filter/description.ts";
import type { RetryProfile } from "./retry/retry-policy.ts";
import type { EpochMs } from "./time.ts";

/**
 * A receiver of the events of one source, as the engine, destinations and telemetry see it. The resource that declares
 * it stays in the control plane: a subscriber is made from it once per change.
 */
export interface Subscriber {
  /** ARM id of the resource that declares it. */
  readonly id: string;
  /** Ringmain's own id; names its queues. A resource that is deleted and made again has another. */
  readonly uid: string;
  readonly name: string;
  /** ARM id of the topic, or of the Azure resource, whose events it receives. */
  readonly source: string;
  readonly filter: FilterDescription;
  /** No event is routed to it from this time on; infinite for no end. [EG-SUBSCRIPTION-EXPIRY] */
  readonly expiresAt: EpochMs;
  /** How it gets its deliveries. `push`: Ringmain sends them to `destination`. */
  readonly mode: "push";
  readonly destination: DestinationDescription;
  /** The identity that deliveries are sent as; unset for the router's own. */
  readonly deliveryIdentity?: SourceIdentity;
  readonly eventDeliverySchema: EventDeliverySchema;
  readonly retry: RetryProfile;
  /** Unset where undeliverable events are dropped. */
  readonly deadLetterDestination?: DeadLetterDescription;
  /** Status of its endpoint's consent; unset for a destination that is not asked. */
  readonly consent?: HandshakeStatus;
}

/** Status of the validation handshake with an endpoint. [EG-HANDSHAKE-STATES] */
export type HandshakeStatus = "pending" | "validated" | "awaiting-manual-action" | "failed";

/** An identity of a source. */
export interface SourceIdentity {
  readonly type: "SystemAssigned" | "UserAssigned";
  /** ARM id. */
  readonly userAssignedIdentity?: string;
}

/**
 * Returns whether the destination has consented or is of a kind that is not asked. Only the handshake says so: the
 * provisioning state also depends on the mode that wrote it. [EG-HANDSHAKE-STATES]
 */
export function hasConsent(status: HandshakeStatus | undefined): boolean {
  return status === undefined || status === "validated";
}
