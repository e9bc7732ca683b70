import type { LockedDelivery } from "../../core/delivery.ts";
import type { DeliveryAttributeMapping } from "../../core/destinations/destination-property.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import type { TraceContext } from "../../core/trace-context.ts";
import { deliveryAttributes } from "./delivery-attributes.ts";
import { headerValue } from "./header-value.ts";

/** Origin that Event Grid sends to receivers of CloudEvents. [EG-CE-ORIGIN] */
export const REQUEST_ORIGIN = "eventgrid.azure.net";

/** Matches trace headers. An attribute with such a name takes precedence over Ringmain's own headers. */
const TRACE_HEADER = /^trace(?:parent|state)$/i;

/** Headers of the requests to a receiver. */
export interface DeliveryHeaders {
  /**
   * Returns the headers of a request with a batch, as alternating names and values. `trace` replaces the first event's.
   */
  ofBatch(first: LockedDelivery, contentType: string, trace?: TraceContext): string[];
  /** Returns the headers of a handshake with a validation event. */
  ofValidation(eventId: string): string[];
  /** Returns the headers of the request that notifies the webhook of the subscription's deletion. */
  ofDeletion(eventId: string): string[];
  /** Attributes that are the same for all events: an endpoint may require them in every request. */
  readonly fixedAttributes: readonly string[];
}

/**
 * Returns the headers of a subscription's requests. Values that differ between the events of a batch come from the
 * first event. Source: [EG-DELIVERY-HEADERS], [EG-DELIVERY-COUNT], [EG-CE-ORIGIN], [EG-TRACE-DELIVERY]
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

/** Returns the headers of a request with an event that Event Grid itself raises, in the Event Grid schema. */
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
 * Returns a function for the `aeg-*` values of a delivery, which are HTTP headers or their equivalent in other
 * protocols: alternating names and values in printable ASCII.
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
