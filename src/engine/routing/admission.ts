import { kindOf } from "../../core/kinds/index.ts";
import type { Resource } from "../../core/resources/resources.ts";
import { hasConsent, type Subscriber } from "../../core/subscriber.ts";

/** Returns whether a source passes its events on: a partner topic does so once it is activated. [EG-PARTNER-ACTIVATION] */
export function isOpen(source: Resource | undefined): boolean {
  return source === undefined || kindOf(source).isOpen(source);
}

/** Returns whether events are routed to a subscriber as far as its handshake goes. [EG-HANDSHAKE-STATES] */
export function isRoutable({ consent }: Pick<Subscriber, "consent">, enforceHandshake: boolean): boolean {
  return !enforceHandshake || hasConsent(consent);
}

/** Returns whether deliveries to a subscriber wait: its endpoint has not been asked yet, or has not consented. */
export function isHeld(subscriber: Pick<Subscriber, "consent">, enforceHandshake: boolean): boolean {
  return subscriber.consent === "pending" || !isRoutable(subscriber, enforceHandshake);
}
