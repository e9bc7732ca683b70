import type { LockedDelivery, LockToken } from "../../src/core/delivery.ts";
import type { EventEnvelope } from "../../src/core/event.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { eventSubscriptionId, topicId } from "../../src/core/resources/resource-id.ts";
import type { DestinationDescription } from "../../src/core/destinations/index.ts";
import type { Subscriber } from "../../src/core/subscriber.ts";
import { DAY_MS } from "../../src/core/time.ts";
import { createDestinations, type DestinationOptions, type Destinations } from "../../src/destinations/index.ts";

/** 2026-03-09T07:05:00Z, whose month, day and hour have one digit. */
export const NOW: number = Date.UTC(2026, 2, 9, 7, 5);
/** A signal for attempts that are never aborted. */
export const NEVER: AbortSignal = new AbortController().signal;

/** Returns a subscriber to the topic `orders`. */
export function subscriberTo(destination: DestinationDescription, overrides: Partial<Subscriber> = {}): Subscriber {
  const source = topicId("orders");
  return {
    id: eventSubscriptionId(source, "to-warehouse"),
    uid: "uid-1",
    name: "to-warehouse",
    source,
    filter: {},
    expiresAt: Number.POSITIVE_INFINITY,
    mode: "push",
    destination,
    eventDeliverySchema: "EventGridSchema",
    retry: { maxDeliveryAttempts: 30, timeToLiveMs: DAY_MS },
    ...overrides,
  };
}

/** Returns a subscriber with a webhook. */
export function webhookTo(endpointUrl: string, overrides: Partial<Subscriber> = {}): Subscriber {
  return subscriberTo({ endpointType: "WebHook", properties: { endpointUrl } }, overrides);
}

let sequence = 0;
export function delivery(
  body: JsonObject = {},
  overrides: Partial<LockedDelivery> = {},
  envelope: Partial<EventEnvelope> = {},
): LockedDelivery {
  const id = `event-${(sequence += 1)}`;
  const event = {
    id,
    topic: topicId("orders"),
    subject: "orders/1",
    eventType: "Order.Placed",
    eventTime: "2026-03-09T07:00:00Z",
    data: {},
    dataVersion: "2.1",
    metadataVersion: "1",
    ...body,
  };
  return {
    event: {
      systemId: `system-${sequence}`,
      schema: "EventGridSchema",
      topic: event.topic,
      id,
      type: event.eventType,
      subject: event.subject,
      time: event.eventTime,
      dataVersion: event.dataVersion,
      publishedAt: NOW,
      json: new TextEncoder().encode(JSON.stringify(event)),
      ...envelope,
    },
    deliveryCount: 0,
    enqueuedAt: NOW,
    lockToken: `lock-${sequence}` as LockToken,
    receivedAt: NOW,
    lockedUntil: NOW + 120_000,
    ...overrides,
  };
}

/** Returns a delivery of a CloudEvent. */
export function cloudEventDelivery(body: JsonObject = {}): LockedDelivery {
  const event = { specversion: "1.0", id: "1", source: "/shop", type: "Order.Placed", ...body };
  const json = new TextEncoder().encode(JSON.stringify(event));
  return delivery({}, {}, { schema: "CloudEventSchemaV1_0", id: "1", dataVersion: "", json });
}

/** Creates destinations that may connect to any host. Ids count up. */
export function destinations(overrides: Partial<DestinationOptions> = {}): Destinations {
  let ids = 0;
  return createDestinations({
    webhookTimeoutMs: 30_000,
    connectionsPerOrigin: 4,
    addressPolicy: "any",
    functionApp: () => undefined,
    storageAccount: () => undefined,
    connection: () => undefined,
    partnerDestination: () => undefined,
    queueMessageEncoding: "base64",
    eventHubBody: "array",
    folder: "/nowhere",
    webhookIdentity: { tokens: { get: async () => ({ kind: "failed", cause: "there is no issuer" }) }, now: () => NOW },
    newId: () => `00000000-0000-4000-8000-${String((ids += 1)).padStart(12, "0")}`,
    ...overrides,
  });
}
