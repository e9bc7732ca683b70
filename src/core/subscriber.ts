import type { DeadLetterDescription } from "./destinations/dead-letter.ts";
import type { DestinationDescription } from "./destinations/index.ts";
import type { EventDeliverySchema } from "./event.ts";
import type { FilterDescription } from "./filter/description.ts";
import type { RetryProfile } from "./retry/retry-policy.ts";
import type { EpochMs } from "./time.ts";

/**
 * A receiver of the events of one source, as used by the engine, destinations and telemetry. It is derived from the
 * resource that declares it, each time that resource changes.
 */
export interface Subscriber {
  /** ARM id of the resource that declares it. */
  readonly id: string;
  /** Ringmain's own id, which names its queues. A resource that is deleted and created again gets a new one. */
  readonly uid: string;
  readonly name: string;
  /** ARM id of the topic, or of the Azure resource, whose events it receives. */
  readonly source: string;
  readonly filter: FilterDescription;
  /** Time from which on no event is routed to it; `Infinity` if it does not expire. [EG-SUBSCRIPTION-EXPIRY] */
  readonly expiresAt: EpochMs;
  /** Way in which it receives deliveries. `push`: Ringmain sends them to `destination`. */
  readonly mode: "push";
  readonly destination: DestinationDescription;
  /** Identity that deliveries are sent as; unset for the identity of Ringmain itself. */
  readonly deliveryIdentity?: SourceIdentity;
  readonly eventDeliverySchema: EventDeliverySchema;
  readonly retry: RetryProfile;
  /** Dead-letter destination; unset if undeliverable events are dropped. */
  readonly deadLetterDestination?: DeadLetterDescription;
  /** Status of its endpoint's consent; unset for a destination that needs none. */
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
 * Returns whether the destination has consented, or needs no consent. Reads the handshake only: the provisioning state
 * also depends on the mode in which it was stored. [EG-HANDSHAKE-STATES]
 */
export function hasConsent(status: HandshakeStatus | undefined): boolean {
  return status === undefined || status === "validated";
}
