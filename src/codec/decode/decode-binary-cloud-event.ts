import { isUtf8 } from "node:buffer";
import { RingmainError } from "../../core/errors.ts";
import type { PublishedEvent } from "../../core/event.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { LIMITS } from "../../core/limits.ts";
import { asBuffer } from "../as-buffer.ts";
import { MAX_EVENT_DEPTH, decodeUtf8 } from "../event-bytes.ts";
import { jsonProblem } from "../json-slices.ts";
import { cloudEventAttributes } from "./cloud-event-attributes.ts";
import { mediaTypeOf } from "./media-type.ts";
import type { DecodeContext, PublishBody } from "./publish-body.ts";
import { checkedText, parsePublishedJson, sliceError } from "./parse-body.ts";
import { tooLarge } from "./schema-error.ts";

const SCHEMA = "CloudEventSchemaV1_0";
/** Required attributes, in the order in which missing ones are reported. */
const REQUIRED = ["specversion", "type", "source", "id"];
const OPTIONAL = ["time", "subject", "dataschema"];
/** Names that are no extensions: attributes that are read on their own, and the data, which is the body. */
const NO_EXTENSIONS: ReadonlySet<string> = new Set([
  ...REQUIRED,
  ...OPTIONAL,
  "datacontenttype",
  "data",
  "data_base64",
]);
const PREFIX = "ce-";
const HINT =
  "Please check required attributes at https://github.com/cloudevents/spec/blob/v1.0/spec.md#required-attributes";

/** Returns whether a request carries its event's attributes in headers. One required attribute is enough. */
export function isBinaryCloudEvent({ header }: PublishBody): boolean {
  return REQUIRED.some((name) => header(PREFIX + name) !== undefined);
}

/**
 * Decodes a CloudEvent in binary mode: attributes from `ce-` headers, data from the body. The event is stored and
 * delivered in structured form: a JSON body becomes `data` byte for byte, text becomes a string in `data`, anything
 * else becomes `data_base64`.
 * Source: [EG-CE-BINARY], [EG-CE-BINARY-DATA], [EG-CE-HEADER]
 */
export function decodeBinaryCloudEvent(request: PublishBody, context: DecodeContext): PublishedEvent {
  const attributes = readAttributes(request);
  const contentType = contentTypeOf(request);
  if (contentType !== undefined) attributes.set("datacontenttype", contentType);
  const data = readData(request.bytes, contentType);
  // Object.fromEntries and spreading define members, so the header `ce-__proto__` becomes an ordinary member.
  const body: JsonObject = { ...Object.fromEntries(attributes), ...data.member };
  const { id, type, source, subject, time } = cloudEventAttributes(body);
  const json = Buffer.concat([Buffer.from(JSON.stringify(Object.fromEntries(attributes)).slice(0, -1)), data.json]);
  // [EG-LIMIT-EVENT]
  if (json.byteLength > LIMITS.eventBytes) throw tooLarge(LIMITS.eventBytes);
  return {
    body,
    envelope: {
      systemId: context.newId(),
      schema: SCHEMA,
      topic: context.topicNamed?.(source) ?? context.topic,
      id,
      type,
      subject,
      time,
      dataVersion: "",
      publishedAt: context.now,
      json,
    },
  };
}

function readAttributes({ header, headerNames }: PublishBody): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const name of REQUIRED) {
    const value = header(PREFIX + name);
    if (value === undefined || value === "") {
      throw headerError(
        `${PREFIX}${name} header is ${value === undefined ? "missing" : "empty"} for the cloud event. ${HINT}`,
      );
    }
    attributes.set(name, decodeHeader(value));
  }
  for (const name of OPTIONAL) {
    const value = header(PREFIX + name);
    if (value !== undefined && value !== "") attributes.set(name, decodeHeader(value));
  }
  for (const receivedName of headerNames?.() ?? []) {
    const headerName = receivedName.toLowerCase();
    const name = headerName.slice(PREFIX.length);
    if (!headerName.startsWith(PREFIX) || name === "" || NO_EXTENSIONS.has(name)) continue;
    attributes.set(name, decodeHeader(header(headerName) ?? ""));
  }
  return attributes;
}

/** Returns the data's content type: the request's own, else that of the `ce-datacontenttype` header. [EG-CE-HEADER] */
function contentTypeOf({ contentType, header }: PublishBody): string | undefined {
  const own = contentType?.trim() ?? "";
  const value = own === "" ? decodeHeader(header(`${PREFIX}datacontenttype`) ?? "") : own;
  return value === "" ? undefined : value;
}

/**
 * Removes quotes, then decodes percent-encoding, once each. Sequences that are not percent-encoded UTF-8 stay as
 * they are. [EG-CE-HEADER]
 */
function decodeHeader(value: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(value)?.[1];
  const text = quoted === undefined ? value : quoted.replaceAll(/\\(.)/g, "$1");
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}

function headerError(message: string): RingmainError {
  return new RingmainError("invalid_cloud_event_header", message);
}

interface BinaryData {
  readonly member: JsonObject;
  /** The same data as JSON text to append to the attributes, closing brace included. */
  readonly json: Uint8Array;
}

function readData(bytes: Uint8Array, contentType: string | undefined): BinaryData {
  const mediaType = mediaTypeOf(contentType);
  if (bytes.byteLength > LIMITS.publishRequestBytes) throw tooLarge(LIMITS.publishRequestBytes);
  if (bytes.byteLength === 0) return { member: {}, json: Buffer.from("}") };
  // Without a content type the data is JSON, as in structured mode.
  if (mediaType === undefined || /^[^/]+\/(?:json|[^/]*\+json)$/.test(mediaType)) return readJson(bytes);
  if (mediaType.startsWith("text/") && isUtf8Charset(contentType) && isUtf8(bytes)) {
    return textMember("data", decodeUtf8(bytes));
  }
  return textMember("data_base64", asBuffer(bytes).toString("base64"));
}

function readJson(received: Uint8Array): BinaryData {
  const bytes = checkedText(received);
  const problem = jsonProblem(bytes, MAX_EVENT_DEPTH - 1);
  if (problem !== undefined) throw sliceError(problem, SCHEMA);
  const data: JsonValue = parsePublishedJson(decodeUtf8(bytes), SCHEMA);
  return { member: { data }, json: Buffer.concat([Buffer.from(',"data":'), bytes, Buffer.from("}")]) };
}

function textMember(name: "data" | "data_base64", text: string): BinaryData {
  return { member: { [name]: text }, json: Buffer.from(`,"${name}":${JSON.stringify(text)}}`) };
}

function isUtf8Charset(contentType: string | undefined): boolean {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType ?? "")?.[1]?.toLowerCase();
  return charset === undefined || charset === "utf-8" || charset === "utf8" || charset === "us-ascii";
}
