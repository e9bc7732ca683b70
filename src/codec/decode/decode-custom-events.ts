import type { PublishedEvent } from "../../core/event.ts";
import type { InputSchemaMapping, MappedFieldWithDefault } from "../../core/resources/resources.ts";
import { formatTime } from "../../core/time.ts";
import { membersByName, decodeUtf8 } from "../event-bytes.ts";
import { isEventTime } from "../event-time.ts";
import type { DecodeContext, PublishBody } from "./publish-body.ts";
import { parseBody, type ParsedEvent } from "./parse-body.ts";
import { requiresProperty } from "./schema-error.ts";

const SCHEMA = "CustomEventSchema";

type Mapping = InputSchemaMapping["properties"];
type Target = keyof Mapping;

/** The mapping of a topic without one: Event Grid's own names. [EG-CUSTOM-MAPPING] */
const OWN_NAMES: Mapping = {
  eventType: { sourceField: "eventType" },
  subject: { sourceField: "subject", defaultValue: "" },
  dataVersion: { sourceField: "dataVersion", defaultValue: "" },
  topic: { sourceField: "topic" },
};

/** Decodes a JSON array of objects of any form. Ignores the content type. [EG-PUBLISH-ANY-TYPE] */
export function decodeCustomEvents({ bytes }: PublishBody, context: DecodeContext): PublishedEvent[] {
  const parsed = parseBody(bytes, SCHEMA, "array");
  return parsed.events.map((event) => decodeEvent(parsed.bytes, event, context));
}

function decodeEvent(bytes: Uint8Array, event: ParsedEvent, context: DecodeContext): PublishedEvent {
  const fields = context.mapping?.properties ?? OWN_NAMES;
  const mapped = (target: Target): string | undefined => mappedText(bytes, event, target, fields[target]);
  const required = (target: Target): string => {
    const value = mapped(target);
    if (value === undefined) throw requiresProperty(SCHEMA, target);
    return value;
  };
  const type = required("eventType");
  const subject = required("subject");
  const id = mapped("id") ?? context.newId();
  const time = mapped("eventTime") ?? formatTime(context.now);
  const topic = context.topicNamed?.(required("topic")) ?? context.topic;
  // [EG-EVENT-TIME]
  if (!isEventTime(time)) throw requiresProperty(SCHEMA, "eventTime", "be a date and time in ISO 8601 form");
  return {
    body: event.body,
    envelope: {
      systemId: context.newId(),
      schema: SCHEMA,
      topic,
      id,
      type,
      subject,
      time,
      dataVersion: mapped("dataVersion") ?? "",
      publishedAt: context.now,
      // [EG-SCHEMA-BYTES]
      json: bytes.subarray(event.slice.start, event.slice.end),
    },
  };
}

/**
 * Returns the text of a mapped field: that of the source field, else the default. A number keeps the digits it was
 * sent with. Returns `undefined` if nothing is mapped; throws if a mapped field is missing and has no default.
 * [EG-CUSTOM-MISSING]
 */
function mappedText(
  bytes: Uint8Array,
  event: ParsedEvent,
  target: Target,
  field: MappedFieldWithDefault | undefined,
): string | undefined {
  const source = field?.sourceField;
  if (source === undefined) return field?.defaultValue;
  // Reads own members only: a field named `constructor` must not find an inherited property.
  const value = Object.hasOwn(event.body, source) ? event.body[source] : undefined;
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    const member = membersByName(bytes, event.slice.start).get(source);
    return member === undefined ? String(value) : decodeUtf8(bytes, member.valueStart, member.valueEnd);
  }
  if (field?.defaultValue === undefined) throw requiresProperty(SCHEMA, target);
  return field.defaultValue;
}
