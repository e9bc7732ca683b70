import { hasConsent, type EventSubscriptionProperties, type Resource } from "../../core/resources/resources.ts";
import { parseTime, type EpochMs } from "../../core/time.ts";

/** Returns whether a source passes its events on: a partner topic does so once it is activated. [EG-PARTNER-ACTIVATION] */
export function isOpen(source: Resource | undefined): boolean {
  return source?.type !== "Microsoft.EventGrid/partnerTopics" || source.properties.activationState === "Activated";
}

/** Returns whether events are routed to a subscription as far as its handshake goes. [EG-HANDSHAKE-STATES] */
export function isRoutable(
  properties: Pick<EventSubscriptionProperties, "handshake">,
  enforceHandshake: boolean,
): boolean {
  return !enforceHandshake || hasConsent(properties);
}

/** Returns whether deliveries to a subscription wait: its endpoint has not been asked yet, or has not consented. */
export function isHeld(properties: Pick<EventSubscriptionProperties, "handshake">, enforceHandshake: boolean): boolean {
  return properties.handshake?.status === "pending" || !isRoutable(properties, enforceHandshake);
}

/** Returns when a subscription stops receiving events; infinity for one that does not expire. [EG-SUBSCRIPTION-EXPIRY] */
export function expiryOf({ expirationTimeUtc }: Pick<EventSubscriptionProperties, "expirationTimeUtc">): EpochMs {
  const at = expirationTimeUtc === undefined ? undefined : parseTime(expirationTimeUtc);
  return at ?? Number.POSITIVE_INFINITY;
}
