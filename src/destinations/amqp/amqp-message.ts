import { Buffer } from "node:buffer";
import type { MessageProperties } from "rhea";
import { encodeEvent } from "../../codec/encode/encode-event.ts";
import { encodeDelivery } from "../../codec/encode/encode-delivery.ts";
import type { LockedDelivery } from "../../core/delivery.ts";
import type { DeliveryAttributeMapping } from "../../core/destinations/destination-property.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import { deliveryAttributes } from "../push/delivery-attributes.ts";
import { notificationValues } from "../push/delivery-headers.ts";

/** A message with one data section, with the AMQP library's names. */
export interface AmqpMessage extends MessageProperties {
  application_properties: Record<string, string>;
  message_annotations?: Record<string, string>;
  body: Buffer;
}

/** Form of a body: one JSON object, or an array with one object. */
export type BodyForm = "array" | "object";

/** Options for {@link createMessageMaker}. */
export interface MessageMakerOptions {
  readonly subscriber: Subscriber;
  readonly mappings: readonly DeliveryAttributeMapping[] | undefined;
  readonly body: BodyForm;
  /** Setters for attributes, by lower-case name; other attributes become application properties. */
  readonly places: Readonly<Record<string, PlaceValue>>;
}

/** Sets the part of a message that an attribute stands for. */
export type PlaceValue = (message: AmqpMessage, value: string) => void;

/** Setters for Service Bus. [EG-SERVICEBUS-ATTRIBUTES] */
export const SERVICE_BUS_PLACES: Readonly<Record<string, PlaceValue>> = {
  messageid: (message, value) => {
    message.message_id = value;
  },
  sessionid: (message, value) => {
    message.group_id = value;
  },
  correlationid: (message, value) => {
    message.correlation_id = value;
  },
  label: (message, value) => {
    message.subject = value;
  },
  replyto: (message, value) => {
    message.reply_to = value;
  },
  replytosessionid: (message, value) => {
    message.reply_to_group_id = value;
  },
  to: (message, value) => {
    message.to = value;
  },
  partitionkey: (message, value) => annotate(message, "x-opt-partition-key", value),
  viapartitionkey: (message, value) => annotate(message, "x-opt-via-partition-key", value),
};

/** Setters for Event Hubs. [EG-EVENTHUB-PARTITION] */
export const EVENT_HUB_PLACES: Readonly<Record<string, PlaceValue>> = {
  partitionkey: (message, value) => annotate(message, "x-opt-partition-key", value),
};

/**
 * Returns a function that builds the message of a delivery: one event, with the `aeg-*` values as application
 * properties and the event's internal id as the message id. Source: [EG-AMQP-MESSAGE]
 */
export function createMessageMaker(options: MessageMakerOptions): (delivery: LockedDelivery) => AmqpMessage {
  const { subscriber, mappings, body, places } = options;
  const schema = subscriber.eventDeliverySchema;
  const valuesOf = notificationValues(subscriber);
  const attributes = deliveryAttributes(mappings, (text) => text);
  return (delivery) => {
    const { event } = delivery;
    const encoded = encodeDelivery([delivery], schema, false);
    const bytes = body === "array" ? encoded.body : encodeEvent(event, schema);
    const message: AmqpMessage = {
      message_id: event.systemId,
      content_type: encoded.contentType,
      application_properties: Object.fromEntries(pairs(valuesOf(delivery))),
      body: Buffer.from(bytes),
    };
    for (const [name, value] of pairs([...attributes.fixed, ...attributes.of(delivery)])) {
      const key = name.toLowerCase();
      const place = Object.hasOwn(places, key) ? places[key] : undefined;
      if (place === undefined) message.application_properties[name] = value;
      else place(message, value);
    }
    return message;
  };
}

function annotate(message: AmqpMessage, name: string, value: string): void {
  message.message_annotations = { ...message.message_annotations, [name]: value };
}

function* pairs(flat: readonly string[]): Iterable<readonly [string, string]> {
  for (let at = 0; at + 1 < flat.length; at += 2) yield [flat[at] ?? "", flat[at + 1] ?? ""];
}
