import type { EventDeliverySchema } from "../event.ts";
import type { DeadLetterDescription } from "../destinations/dead-letter.ts";
import type { DestinationDescription } from "../destinations/index.ts";
import type { FilterDescription } from "../filter/description.ts";
import type { HandshakeStatus, SourceIdentity } from "../subscriber.ts";
import type { ResourceBase } from "./base.ts";

export type { FilterDescription } from "../filter/description.ts";

/** An event subscription. Its `id` extends the id of its source. */
export type EventSubscriptionResource = ResourceBase<
  "Microsoft.EventGrid/eventSubscriptions",
  EventSubscriptionProperties
>;

/** Desired state of an event subscription, without the members that only Ringmain sets. */
export type DesiredEventSubscription = Omit<EventSubscriptionResource, "uid" | "properties"> & {
  readonly properties: Omit<EventSubscriptionProperties, "provisioningState" | "handshake">;
};

/** Properties of an event subscription. */
export interface EventSubscriptionProperties {
  /** ARM id of its source: a topic, or the source resource of a system topic. */
  readonly topic: string;
  readonly destination: DestinationDescription;
  /** Identity for deliveries. In ARM: `deliveryWithResourceIdentity`. */
  readonly deliveryIdentity?: SourceIdentity;
  readonly filter: FilterDescription;
  readonly retryPolicy: RetryPolicyDescription;
  readonly deadLetterDestination?: DeadLetterDescription;
  /** Identity for writing dead letters. In ARM: `deadLetterWithResourceIdentity`. */
  readonly deadLetterIdentity?: SourceIdentity;
  readonly eventDeliverySchema: EventDeliverySchema;
  readonly expirationTimeUtc?: string;
  readonly labels?: readonly string[];
  readonly provisioningState: ProvisioningState;
  /** State of the latest handshake; absent if the destination needs none. */
  readonly handshake?: HandshakeState;
}

/** Source: [EG-HANDSHAKE-STATES] */
export type ProvisioningState =
  | "Creating"
  | "Updating"
  | "Deleting"
  | "Succeeded"
  | "Canceled"
  | "Failed"
  | "AwaitingManualAction";

/** State of the handshake by which a webhook consents. Stored with the subscription, so that it is visible. */
export interface HandshakeState {
  readonly status: HandshakeStatus;
  /** Endpoint of the handshake. Another endpoint needs a new handshake. */
  readonly endpoint: string;
  /** Random code. The receiver consents by returning it. A secret until then. */
  readonly validationCode: string;
  /** Time (ISO 8601) until which manual consent is accepted. */
  readonly expiresAt: string;
  /** Last request and its result, to show to people. */
  readonly detail: string;
}

/** Source: [EG-RETRY-POLICY] */
export interface RetryPolicyDescription {
  readonly maxDeliveryAttempts: number;
  readonly eventTimeToLiveInMinutes: number;
}

/** Retry policy of subscriptions that set none. */
export const DEFAULT_RETRY_POLICY: RetryPolicyDescription = {
  maxDeliveryAttempts: 30,
  eventTimeToLiveInMinutes: 1_440,
};
