import type { LockedDelivery } from "../../core/delivery.ts";
import type { DeliveryAttributeMapping } from "../../core/destinations/destination-property.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import type { TraceContext } from "../../core/trace-context.ts";
import { deliveryAttributes } from "./delivery-attributes.ts";
import { headerValue } from "./header-value.ts";

/** Who Event Grid says it is to receivers of CloudEvents. [EG-CE-ORIGIN] */
export const REQUEST_ORIGIN = "eventgrid.azure.net";

/** A subscription that sends such a header itself is not corrected. */
const TRACE_HEADER = /^trace(?:parent|state)$/i;

/** What a request to a receiver is about. */
export interface DeliveryHeaders {
  /** Headers of a request that carries a batch, name and value by turns. `trace` stands in for the first event's. */
  ofBatch(first: LockedDelivery, contentType: string, trace?: TraceContext): string[];
  /** Headers of the request that asks for consent with a validation event. */
  ofValidation(eventId: string): string[];
  /** Headers of the request that tells of the subscription's end. */
  ofDeletion(eventId: string): string[];
  /** Attributes that never change: an endpoint may demand them of every request. */
  readonly fixedAttributes: readonly string[];
}

/**
 * The headers of a subscription's requests. What differs between the events of a batch is the first one's.
 * Source: [EG-DELIVERY-HEADERS], [EG-DELIVERY-COUNT], [EG-CE-ORIGIN], [EG-TRACE-DELIVERY]
 */
export function deliveryHeaders(
  subscriber: Subscriber,
  mappings: readonly DeliveryAttributeMapping[] | undefined,
): DeliveryHeaders {
  const cloudEvents = subscriber.eventDeliverySchema === "CloudEventSchemaV1_0";
  const attributes = deliveryAttributes(mappings);
  const name = subscriptionName(subscriber);
  const valuesOf = notificationValues(subscriber);
  const always = [...(cloudEvents ? ["WebHook-Request-Origin", REQUEST_ORIGIN] : []), ...attributes.fixed];
  const ownTrace = mappings?.some((mapping) => TRACE_HEADER.test(mapping.name)) === true;
  return {
    fixedAttributes: attributes.fixed,
    ofBatch: (first, contentType, trace = first.event.trace) => {
      const headers = ["content-type", contentType, ...valuesOf(first), ...always, ...attributes.of(first)];
      if (trace !== undefined && !ownTrace) {
        headers.push("traceparent", trace.traceparent);
        if (trace.tracestate !== undefined) headers.push("tracestate", trace.tracestate);
      }
      return headers;
    },
    ofValidation: (eventId) => [...ownEventHeaders("SubscriptionValidation", eventId), ...name, ...attributes.fixed],
    ofDeletion: (eventId) => [...ownEventHeaders("SubscriptionDeletion", eventId), ...name, ...attributes.fixed],
  };
}

/** Headers of a request that carries an event of Event Grid's own, in its own schema. */
function ownEventHeaders(eventType: string, eventId: string): string[] {
  const headers = {
    "content-type": "application/json; charset=utf-8",
    "aeg-event-type": eventType,
    "aeg-delivery-count": "0",
    "aeg-metadata-version": "1",
    "aeg-data-version": "1",
    "aeg-output-event-id": eventId,
  };
  return Object.entries(headers).flat();
}

/**
 * What goes with every notification of a subscription, over HTTP as headers: `aeg-*` names and values by turns. All
 * are printable ASCII.
 */
export function notificationValues(subscriber: Subscriber): (delivery: LockedDelivery) => readonly string[] {
  const cloudEvents = subscriber.eventDeliverySchema === "CloudEventSchemaV1_0";
  const always = [
    "aeg-event-type",
    "Notification",
    ...subscriptionName(subscriber),
    "aeg-metadata-version",
    cloudEvents ? "1.0" : "1",
  ];
  return ({ event, deliveryCount }) => {
    const values = [...always, "aeg-delivery-count", String(deliveryCount), "aeg-output-event-id", event.systemId];
    if (!cloudEvents) values.push("aeg-data-version", headerValue(event.dataVersion));
    return values;
  };
}

function subscriptionName({ name }: Subscriber): readonly string[] {
  return ["aeg-subscription-name", headerValue(name.toUpperCase())];
}
