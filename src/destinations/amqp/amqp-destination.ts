import { destinationNames } from "../../core/destinations/destination-facts.ts";
import type { AttributedResourceProperties } from "../../core/destinations/destination-property.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import type { Destination } from "../../ports/destination.ts";
import { oneByOne } from "../push/one-by-one.ts";
import { createMessageMaker, EVENT_HUB_PLACES, SERVICE_BUS_PLACES, type BodyForm } from "./amqp-message.ts";
import type { AmqpNamespaces } from "./amqp-namespaces.ts";

/** Opens a destination that sends each event to a queue or topic of Service Bus, as a message with one JSON object. */
export function openServiceBus(
  namespaces: AmqpNamespaces,
  type: "ServiceBusQueue" | "ServiceBusTopic",
  subscriber: Subscriber,
  { resourceId, deliveryAttributeMappings: mappings }: AttributedResourceProperties,
): Destination {
  const toMessage = createMessageMaker({ subscriber, mappings, body: "object", places: SERVICE_BUS_PLACES });
  return destination(namespaces, destinationNames(type, resourceId), toMessage);
}

/**
 * Opens a destination that sends each event to an event hub.
 * @param body form of events other than CloudEvents [EG-EVENTHUB-BODY]
 */
export function openEventHub(
  namespaces: AmqpNamespaces,
  body: BodyForm,
  subscriber: Subscriber,
  { resourceId, deliveryAttributeMappings: mappings }: AttributedResourceProperties,
): Destination {
  const cloudEvents = subscriber.eventDeliverySchema === "CloudEventSchemaV1_0";
  const toMessage = createMessageMaker({
    subscriber,
    mappings,
    body: cloudEvents ? "object" : body,
    places: EVENT_HUB_PLACES,
  });
  return destination(namespaces, destinationNames("EventHub", resourceId), toMessage);
}

function destination(
  namespaces: AmqpNamespaces,
  [namespace = "", address = ""]: readonly string[],
  toMessage: ReturnType<typeof createMessageMaker>,
): Destination {
  return {
    deliver: oneByOne(async (delivery, now, signal) =>
      namespaces.send({ namespace, address, message: toMessage(delivery) }, now, signal),
    ),
    close: async () => {},
  };
}
