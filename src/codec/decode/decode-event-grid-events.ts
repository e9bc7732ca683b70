import { memoOfLast } from "../../core/memo-of-last.ts";
import { Buffer } from "node:buffer";
import { RingmainError } from "../../core/errors.ts";
import type { PublishedEvent } from "../../core/event.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { resourceKey } from "../../core/resources/resource-id.ts";
import { membersByName, objectOf, ObjectExtender } from "../event-bytes.ts";
import { isEventTime } from "../event-time.ts";
import type { DecodeContext, PublishBody } from "./publish-body.ts";
import { parseBody, type ParsedEvent } from "./parse-body.ts";
import { shortened, requiresProperty, unexpectedProperty } from "./schema-error.ts";
import { optionalText, requiredText } from "./text-property.ts";

const SCHEMA = "EventGridSchema";

/** Every property of the schema, which is closed. */
const PROPERTIES: ReadonlySet<string> = new Set([
  "id",
  "subject",
  "eventType",
  "eventTime",
  // [EG-SCHEMA-DATA] Any value. Absent data is delivered as null.
  "data",
  "dataVersion",
  "metadataVersion",
  "topic",
]);

/** Decodes a JSON array of events in the Event Grid schema. Ignores the content type. [EG-PUBLISH-ANY-TYPE] */
export function decodeEventGridEvents({ bytes }: PublishBody, context: DecodeContext): PublishedEvent[] {
  const parsed = parseBody(bytes, SCHEMA, "array");
  const extender = new ObjectExtender(parsed.bytes, parsed.events.length);
  return parsed.events.map((event) => decodeEvent(parsed.bytes, event, extender, context));
}

function decodeEvent(
  bytes: Uint8Array,
  { body, slice }: ParsedEvent,
  extender: ObjectExtender,
  context: DecodeContext,
): PublishedEvent {
  const names = propertyCount(body);
  // [EG-SCHEMA-REQUIRED] Reports the first missing property in this order.
  const subject = requiredText(SCHEMA, body, "subject");
  const id = requiredText(SCHEMA, body, "id");
  const type = requiredText(SCHEMA, body, "eventType");
  const time = requiredText(SCHEMA, body, "eventTime");
  checkContent(id, type, time);
  const dataVersion = optionalText(SCHEMA, body, "dataVersion");
  checkMetadataVersion(body["metadataVersion"]);
  const topic = topicOf(body, context);

  const stamped = stamp(body, topic, dataVersion);
  const untouched = names === slice.memberCount && stamped.names.every((name) => body[name] === undefined);
  let json: Uint8Array;
  if (untouched) {
    json =
      stamped.names.length === 0
        ? bytes.subarray(slice.start, slice.end)
        : extender.extend(slice.start, slice.end, stamped.ending);
  } else {
    // A property must be replaced or was sent twice. Only the last of equal names counts and is delivered.
    const members = membersByName(bytes, slice.start);
    for (const name of stamped.names) members.delete(name);
    json = objectOf(bytes, members.values(), stamped.text);
  }
  return {
    body,
    envelope: {
      systemId: context.newId(),
      schema: SCHEMA,
      topic,
      id,
      type,
      subject,
      time,
      dataVersion: dataVersion ?? "",
      publishedAt: context.now,
      json,
    },
  };
}

/** Returns the number of properties. Throws if the schema does not have one of them. [EG-SCHEMA-CLOSED] */
function propertyCount(body: JsonObject): number {
  let count = 0;
  for (const name of Object.keys(body)) {
    if (!PROPERTIES.has(name)) throw unexpectedProperty(SCHEMA, name);
    count += 1;
  }
  return count;
}

/** Properties that the service sets on an event. */
interface Stamp {
  readonly names: readonly string[];
  /** The members as JSON text, separated by commas. */
  readonly text: string;
  /** The same text after a comma, followed by the event's closing brace. */
  readonly ending: Uint8Array;
}

/**
 * Stamps of the most recent topic, indexed by the properties they set. Publishers tend to send to one topic in one way.
 * Measured in docs/hot-path.md.
 */
const stampsOf = memoOfLast((): (Stamp | undefined)[] => []);

/**
 * Returns the properties that the service must add to an event or replace in it. Publishers may leave out four of
 * the eight properties; readers such as the SDKs require all. [EG-SCHEMA-STAMP] [EG-SCHEMA-DATA]
 */
function stamp(body: JsonObject, topic: string, dataVersion: string | undefined): Stamp {
  const version = dataVersion === undefined;
  const metadata = body["metadataVersion"] !== "1";
  const source = body["topic"] !== topic;
  const data = body["data"] === undefined;
  const which = (version ? 1 : 0) + (metadata ? 2 : 0) + (source ? 4 : 0) + (data ? 8 : 0);
  return (stampsOf(topic)[which] ??= createStamp([
    ...(data ? [["data", null] as const] : []),
    ...(version ? [["dataVersion", ""] as const] : []),
    ...(metadata ? [["metadataVersion", "1"] as const] : []),
    ...(source ? [["topic", topic] as const] : []),
  ]));
}

function createStamp(members: readonly (readonly [name: string, value: string | null])[]): Stamp {
  const text = members.map(([name, value]) => `"${name}":${JSON.stringify(value)}`).join(",");
  return {
    names: members.map(([name]) => name),
    text,
    ending: Buffer.from(`,${text}}`),
  };
}

function checkContent(id: string, type: string, time: string): void {
  // [EG-SCHEMA-EMPTY]
  if (id === "") throw requiresProperty(SCHEMA, "id");
  if (type === "") throw requiresProperty(SCHEMA, "eventType");
  // [EG-EVENT-TIME]
  if (!isEventTime(time)) throw requiresProperty(SCHEMA, "eventTime", "be a date and time in ISO 8601 form");
}

/** Throws unless the metadata version is absent or 1. [EG-SCHEMA-METADATA] */
function checkMetadataVersion(value: JsonValue | undefined): void {
  if (value === undefined || value === null || value === "1") return;
  const found = typeof value === "string" ? shortened(value) : shortened(JSON.stringify(value));
  throw new RingmainError(
    "input_json_invalid",
    `Property 'metadataVersion' was found to be set to ${found}, but was expected to either be null or be set to 1.`,
  );
}

/** Returns the id of the event's topic. An event for an endpoint with many topics must name one. */
function topicOf(body: JsonObject, { topic, topicNamed }: DecodeContext): string {
  if (topicNamed === undefined) {
    checkTopic(body["topic"], topic);
    return topic;
  }
  const named = requiredText(SCHEMA, body, "topic");
  if (named === "") throw requiresProperty(SCHEMA, "topic");
  return topicNamed(named);
}

/** Throws unless the event names no topic, or the topic it was published to. [EG-SCHEMA-TOPIC] */
function checkTopic(value: JsonValue | undefined, topic: string): void {
  if (value === undefined || value === null || value === "" || value === topic) return;
  if (typeof value !== "string") throw requiresProperty(SCHEMA, "topic", "be a string");
  if (resourceKey(value) === resourceKey(topic)) return;
  throw new RingmainError(
    "unauthorized",
    `Property 'topic' was found to be set to ${shortened(value)}, but was expected to be null or the resource id of this topic.`,
  );
}
