import { Buffer } from "node:buffer";
import { RingmainError } from "../../core/errors.ts";
import type { EventDeliverySchema, EventEnvelope } from "../../core/event.ts";
import { membersOf } from "../event-bytes.ts";
import { rfc3339 } from "../event-time.ts";

/**
 * Encodes one event as JSON in the schema of a subscription. Returns the stored bytes if the event arrived in that
 * schema; otherwise copies `data` byte for byte. Throws `internal` for a combination of schemas that does not exist.
 */
export function encodeEvent(event: EventEnvelope, schema: EventDeliverySchema): Uint8Array {
  const from = event.schema;
  switch (schema) {
    case "EventGridSchema":
      if (from === "EventGridSchema") return event.json;
      if (from === "CustomEventSchema") return customToEventGrid(event);
      break;
    case "CloudEventSchemaV1_0":
      return from === "CloudEventSchemaV1_0" ? event.json : toCloudEvent(event);
    case "CustomInputSchema":
      if (from === "CustomEventSchema") return event.json;
      break;
    default:
      break;
  }
  throw new RingmainError("internal", `An event in ${from} cannot be delivered as ${schema}.`);
}

/** Wraps the publisher's whole object as `data` of an event with the mapped fields. [EG-CONVERT-CUSTOM] */
function customToEventGrid(event: EventEnvelope): Uint8Array {
  const { id, type, subject, time, dataVersion, topic } = event;
  return withData(
    { id, eventType: type, subject, eventTime: time, dataVersion, metadataVersion: "1", topic },
    event.json,
  );
}

/** Converts an Event Grid or custom event to a CloudEvent. [EG-CONVERT-CE] */
function toCloudEvent(event: EventEnvelope): Uint8Array {
  const { id, type, subject, time, dataVersion, topic } = event;
  const attributes = {
    specversion: "1.0",
    id,
    source: topic,
    type,
    subject,
    time: time === undefined ? undefined : rfc3339(time),
    ...(dataVersion !== "" && { dataversion: dataVersion }),
  };
  return withData(attributes, dataOf(event));
}

/**
 * Returns the bytes of `data`, or `undefined` for null. A custom event as a whole is its data. Null stands for
 * absent data in the Event Grid schema, and a CloudEvent may have no data.
 */
function dataOf({ schema, json }: EventEnvelope): Uint8Array | undefined {
  if (schema === "CustomEventSchema") return json;
  const data = membersOf(json).get("data");
  if (data === undefined || json[data.valueStart] === LETTER_N) return undefined;
  return json.subarray(data.valueStart, data.valueEnd);
}

/** First byte of `null`, the only JSON value that begins with this letter. */
const LETTER_N = 0x6e;

function withData(members: Readonly<Record<string, string | undefined>>, data: Uint8Array | undefined): Uint8Array {
  const head = JSON.stringify(members);
  if (data === undefined) return Buffer.from(head);
  return Buffer.concat([Buffer.from(`${head.slice(0, -1)},"data":`), data, Buffer.from("}")]);
}
