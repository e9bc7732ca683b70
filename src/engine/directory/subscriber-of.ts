import type { EventSubscriptionResource } from "../../core/resources/resources.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import { MINUTE_MS, parseTime } from "../../core/time.ts";

/** Returns the subscriber for an event subscription. */
export function subscriberOf({ id, uid, name, properties }: EventSubscriptionResource): Subscriber {
  const { topic, filter, destination, eventDeliverySchema, retryPolicy, expirationTimeUtc, handshake } = properties;
  const { deliveryIdentity, deadLetterDestination } = properties;
  return {
    id,
    uid,
    name,
    source: topic,
    filter,
    expiresAt: parseTime(expirationTimeUtc ?? "") ?? Number.POSITIVE_INFINITY,
    mode: "push",
    destination,
    eventDeliverySchema,
    retry: {
      maxDeliveryAttempts: retryPolicy.maxDeliveryAttempts,
      timeToLiveMs: retryPolicy.eventTimeToLiveInMinutes * MINUTE_MS,
    },
    ...(handshake !== undefined && { consent: handshake.status }),
    ...(deliveryIdentity !== undefined && { deliveryIdentity }),
    ...(deadLetterDestination !== undefined && { deadLetterDestination }),
  };
}
