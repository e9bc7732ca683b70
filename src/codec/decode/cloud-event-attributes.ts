import type { JsonObject } from "../../core/json.ts";
import { isEventTime } from "../event-time.ts";
import { requiresProperty, unexpectedProperty } from "./schema-error.ts";
import { optionalText } from "./text-property.ts";

const SCHEMA = "CloudEventSchemaV1_0";

/** The CloudEvents attributes that routing and delivery use. */
export interface CloudEventAttributes {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly subject: string | undefined;
  readonly time: string | undefined;
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const EXTENSION_NAME = /^[a-z0-9]+$/;
/** Attributes that the specification defines, and the two forms of data. */
const SPECIFIED: ReadonlySet<string> = new Set([
  "specversion",
  "type",
  "source",
  "id",
  "time",
  "subject",
  "dataschema",
  "datacontenttype",
  "data",
  "data_base64",
]);

/**
 * Checks the attributes that the specification defines and returns those that routing and delivery use. Throws
 * `input_json_invalid`, which names the first attribute at fault.
 */
export function cloudEventAttributes(event: JsonObject): CloudEventAttributes {
  // [EG-CE-REQUIRED] Reports the first missing attribute in this order, and a missing type under Event Grid's name.
  const version = requiredAttribute(event, "specversion");
  const type = requiredAttribute(event, "type", "eventType");
  const source = requiredAttribute(event, "source");
  const id = requiredAttribute(event, "id");
  // [EG-CE-VERSION]
  if (version !== "1.0") throw requiresProperty(SCHEMA, "specversion", "be '1.0'");
  const time = optionalText(SCHEMA, event, "time");
  // [EG-EVENT-TIME]
  if (time !== undefined && !isEventTime(time)) {
    throw requiresProperty(SCHEMA, "time", "be a date and time in RFC 3339 form");
  }
  optionalText(SCHEMA, event, "dataschema");
  optionalText(SCHEMA, event, "datacontenttype");
  checkData(event);
  return { id, type, source, subject: optionalText(SCHEMA, event, "subject"), time };
}

/** Returns an attribute that must be present and not empty. */
function requiredAttribute(event: JsonObject, name: string, reportedAs: string = name): string {
  const value = optionalText(SCHEMA, event, name);
  if (value === undefined || value === "") throw requiresProperty(SCHEMA, reportedAs);
  return value;
}

/** Checks that at most one form of data is present, and that `data_base64` is Base64. [EG-CE-DATA] */
function checkData(event: JsonObject): void {
  const base64 = event["data_base64"];
  if (base64 === undefined || base64 === null) return;
  if (event["data"] !== undefined && event["data"] !== null) {
    throw requiresProperty(SCHEMA, "data_base64", "be absent when 'data' is set");
  }
  if (typeof base64 !== "string" || base64.length % 4 !== 0 || !BASE64.test(base64)) {
    throw requiresProperty(SCHEMA, "data_base64", "be a Base64 string");
  }
}

/** Checks the extension attributes of a CloudEvent in JSON form. Throws `input_json_invalid`. [EG-CE-EXTENSION] */
export function checkExtensions(event: JsonObject): void {
  for (const name of Object.keys(event)) {
    if (SPECIFIED.has(name)) continue;
    if (!EXTENSION_NAME.test(name)) throw unexpectedProperty(SCHEMA, name);
    const value = event[name];
    if (typeof value === "object" && value !== null) {
      throw requiresProperty(SCHEMA, name, "be a string, a number or a boolean");
    }
  }
}
