import type { EventDeliverySchema } from "../event.ts";
import type { DeadLetterDescription } from "../destinations/dead-letter.ts";
import type { DestinationDescription } from "../destinations/index.ts";
import type { FilterDescription } from "../filter/description.ts";
import type { HandshakeStatus, SourceIdentity } from "../subscriber.ts";
import type { ResourceBase } from "./base.ts";

export type { FilterDescription } from "../filter/description.ts";

/** An event subscription. Its `id` extends the id of what it listens to. */
export type EventSubscriptionResource = ResourceBase<
  "Microsoft.EventGrid/eventSubscriptions",
  EventSubscriptionProperties
>;

/** An event subscription as a caller asks for it: without the members that only Ringmain sets. */
export type DesiredEventSubscription = Omit<EventSubscriptionResource, "uid" | "properties"> & {
  readonly properties: Omit<EventSubscriptionProperties, "provisioningState" | "handshake">;
};

export interface EventSubscriptionProperties {
  /** ARM id of what it listens to: a topic, or the source resource of a system topic. */
  readonly topic: string;
  readonly destination: DestinationDescription;
  /** Deliver as this identity: ARM's `deliveryWithResourceIdentity`. */
  readonly deliveryIdentity?: SourceIdentity;
  readonly filter: FilterDescription;
  readonly retryPolicy: RetryPolicyDescription;
  readonly deadLetterDestination?: DeadLetterDescription;
  /** Dead-letter as this identity: ARM's `deadLetterWithResourceIdentity`. */
  readonly deadLetterIdentity?: SourceIdentity;
  readonly eventDeliverySchema: EventDeliverySchema;
  readonly expirationTimeUtc?: string;
  readonly labels?: readonly string[];
  readonly provisioningState: ProvisioningState;
  /** What the latest handshake came to, for people; absent where the destination needs none. */
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

/** A webhook's proof of consent, or what is missing for it. Kept with the subscription so that it is visible. */
export interface HandshakeState {
  readonly status: HandshakeStatus;
  /** The endpoint that was asked: another endpoint must be asked again. */
  readonly endpoint: string;
  /** Random; the receiver proves consent by returning it. A secret until used. */
  readonly validationCode: string;
  /** ISO 8601; manual consent is accepted until then. */
  readonly expiresAt: string;
  /** For people: what was asked and what came back. */
  readonly detail: string;
}

/** Source: [EG-RETRY-POLICY] */
export interface RetryPolicyDescription {
  readonly maxDeliveryAttempts: number;
  readonly eventTimeToLiveInMinutes: number;
}

export const DEFAULT_RETRY_POLICY: RetryPolicyDescription = {
  maxDeliveryAttempts: 30,
  eventTimeToLiveInMinutes: 1_440,
};
