import { kindOf } from "../../core/kinds/index.ts";
import type { Resource } from "../../core/resources/resources.ts";
import { hasConsent, type Subscriber } from "../../core/subscriber.ts";

/**
 * Returns whether the events of a source are routed. Those of a partner topic are, once it is activated.
 * [EG-PARTNER-ACTIVATION]
 */
export function isOpen(source: Resource | undefined): boolean {
  return source === undefined || kindOf(source).isOpen(source);
}

/** Returns whether the handshake of a subscriber allows events to be routed to it. [EG-HANDSHAKE-STATES] */
export function isRoutable({ consent }: Pick<Subscriber, "consent">, enforceHandshake: boolean): boolean {
  return !enforceHandshake || hasConsent(consent);
}

/**
 * Returns whether deliveries to a subscriber must wait, because its endpoint has not been asked or has not consented.
 */
export function isHeld(subscriber: Pick<Subscriber, "consent">, enforceHandshake: boolean): boolean {
  return subscriber.consent === "pending" || !isRoutable(subscriber, enforceHandshake);
}
