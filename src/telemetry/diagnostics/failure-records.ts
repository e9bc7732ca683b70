import { americanTime } from "../../codec/azure-error.ts";
import { SCHEMA_WIRE_NAMES } from "../../codec/schema-wire-name.ts";
import type { Delivery } from "../../core/delivery.ts";
import { shownPlaceOf } from "../../core/destinations/destination-facts.ts";
import { ERRORS } from "../../core/errors.ts";
import type { EventDeliverySchema } from "../../core/event.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import { formatTime, parseTime } from "../../core/time.ts";
import type { EngineEvent } from "../../ports/engine-events.ts";

/** Fields of every entry in Azure's resource logs. */
export interface DiagnosticRecord {
  readonly time: string;
  /** ARM id in upper case, as Azure writes it. */
  readonly resourceId: string;
  readonly category: "DeliveryFailures" | "PublishFailures" | "DataPlaneRequests";
  readonly operationName: string;
}

/** An entry about one failure. */
export interface FailureRecord extends DiagnosticRecord {
  readonly eventSubscriptionName?: string;
  /** `name=value` pairs, separated by a comma and a space. */
  readonly message: string;
}

const DELIVERY_SCHEMAS: Readonly<Record<EventDeliverySchema, string>> = {
  EventGridSchema: SCHEMA_WIRE_NAMES.EventGridSchema,
  CloudEventSchemaV1_0: SCHEMA_WIRE_NAMES.CloudEventSchemaV1_0,
  CustomInputSchema: SCHEMA_WIRE_NAMES.CustomEventSchema,
};

/** Returns one entry for each event of a failed attempt. [EG-DIAGNOSTIC-DELIVERY] */
export function deliveryFailures(event: EngineEvent & { kind: "attempted" }): FailureRecord[] {
  const { subscriber, outcome, deliveries, at } = event;
  if (outcome.kind === "accepted") return [];
  const base = {
    time: formatTime(at),
    resourceId: subscriber.source.toUpperCase(),
    eventSubscriptionName: subscriber.name.toUpperCase(),
    category: "DeliveryFailures",
    operationName: "Deliver",
  } as const;
  return deliveries.map((delivery) => {
    const fields = [
      ["outcome", outcome.outcome],
      ["latencyInMs", event.durationMs],
      ...deliveryFields(delivery, subscriber, at - event.durationMs),
      ["url", shownPlaceOf(subscriber.destination)],
      ["deliveryResponse", `${outcome.outcome}: ${outcome.detail}`],
    ] as const;
    return { ...base, message: `Message:${pairs(fields)}` };
  });
}

/** Returns the fields of one delivery in Azure's order. */
function deliveryFields(
  { event, deliveryCount }: Delivery,
  { retry, eventDeliverySchema }: Subscriber,
  deliveryTime: number,
): (readonly [name: string, value: string | number])[] {
  const expiresAt = event.publishedAt + retry.timeToLiveMs;
  const eventTime = event.time === undefined ? undefined : parseTime(event.time);
  return [
    ["id", event.id],
    ["systemId", event.systemId],
    ["state", "FilteredFailingDelivery"],
    ["deliveryTime", americanTime(deliveryTime)],
    ["deliveryCount", deliveryCount],
    ["deliverySchema", SCHEMA_WIRE_NAMES[event.schema]],
    ["eventSubscriptionDeliverySchema", DELIVERY_SCHEMAS[eventDeliverySchema]],
    ["requestExpiration", americanTime(expiresAt)],
    ["delivered", "False"],
    ["publishTime", americanTime(event.publishedAt)],
    ["eventTime", eventTime === undefined ? (event.time ?? "") : americanTime(eventTime)],
    ["eventType", event.type],
    ["inputSchema", SCHEMA_WIRE_NAMES[event.schema]],
    ["size", event.json.byteLength],
  ];
}

/**
 * Returns the entry for a refused request, or `undefined` if the request named no topic: then there is no resource
 * to log it for. [EG-DIAGNOSTIC-PUBLISH]
 */
export function publishFailure(event: EngineEvent & { kind: "publish-answered" }): FailureRecord | undefined {
  const { at, topic, failure } = event;
  if (topic === undefined || failure === undefined) return undefined;
  const { azureCode, detailCode } = ERRORS[failure.code];
  const resourceId = topic.id.toUpperCase();
  const inputSchema = SCHEMA_WIRE_NAMES[topic.inputSchema];
  const publisher = pairs([
    ["category", "User"],
    ["inputSchema", inputSchema],
    ["armResourceId", resourceId],
  ]);
  return {
    time: formatTime(at),
    resourceId,
    category: "PublishFailures",
    operationName: "Post",
    message: pairs([
      // Azure writes this if a request is refused before its events are counted.
      ["inputEventsCount", "null"],
      ["requestUri", failure.url],
      ["publisherInfo", `PublisherInfo(${publisher})`],
      ["httpStatusCode", azureCode],
      ["errorType", detailCode],
      ["errorMessage", failure.message],
    ]),
  };
}

function pairs(fields: readonly (readonly [name: string, value: string | number])[]): string {
  return fields.map(([name, value]) => `${name}=${value}`).join(", ");
}
