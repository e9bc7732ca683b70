import type { JsonObject } from "../../core/json.ts";
import type { DesiredEventSubscription, DesiredResource } from "../../core/resources/resources.ts";

/** Returns the body of the PUT that creates a resource, without access keys, which a PUT cannot set. */
export function bodyOf(resource: DesiredResource): JsonObject {
  if (resource.type === "Microsoft.EventGrid/eventSubscriptions") return { properties: subscriptionOf(resource) };
  const { location, tags, properties } = resource;
  const identity = "identity" in resource ? resource.identity : undefined;
  return {
    location,
    ...(tags === undefined ? {} : { tags }),
    ...(identity === undefined ? {} : { identity: identity as unknown as JsonObject }),
    properties: properties as unknown as JsonObject,
  };
}

function subscriptionOf({ properties }: DesiredEventSubscription): JsonObject {
  const {
    topic: _topic,
    destination,
    deliveryIdentity,
    deadLetterDestination: dead,
    deadLetterIdentity,
    ...rest
  } = properties;
  const target =
    deliveryIdentity === undefined
      ? { destination }
      : { deliveryWithResourceIdentity: { identity: deliveryIdentity, destination } };
  const deadLetter =
    deadLetterIdentity === undefined
      ? { deadLetterDestination: dead }
      : { deadLetterWithResourceIdentity: { identity: deadLetterIdentity, deadLetterDestination: dead } };
  return { ...rest, ...target, ...(dead === undefined ? {} : deadLetter) } as unknown as JsonObject;
}
