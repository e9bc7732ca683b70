import { RingmainError } from "../../core/errors.ts";
import type { PublishedEvent } from "../../core/event.ts";
import { membersByName, objectOf } from "../event-bytes.ts";
import { checkExtensions, cloudEventAttributes } from "./cloud-event-attributes.ts";
import { decodeBinaryCloudEvent, isBinaryCloudEvent } from "./decode-binary-cloud-event.ts";
import { mediaTypeOf } from "./media-type.ts";
import type { DecodeContext, PublishBody } from "./publish-body.ts";
import { parseBody, type ParsedEvent, type Shape } from "./parse-body.ts";

const SCHEMA = "CloudEventSchemaV1_0";

/** Expected shape of the body, by media type. [EG-CE-CONTENT-TYPE] */
const SHAPES: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ["application/cloudevents-batch+json", "array"],
  ["application/cloudevents+json", "object-or-single"],
  ["application/json", "object"],
]);

/**
 * Decodes CloudEvents 1.0: one event (structured), an array of events (batched), or one event in headers and body
 * (binary).
 */
export function decodeCloudEvents(request: PublishBody, context: DecodeContext): PublishedEvent[] {
  const type = mediaTypeOf(request.contentType);
  if (isBinaryCloudEvent(request)) {
    // [EG-CE-BINARY]
    if (type?.startsWith("application/cloudevents") === true) {
      throw new RingmainError(
        "invalid_cloud_event_header",
        `The ce- headers of binary mode cannot be combined with the content type ${type}.`,
      );
    }
    return [decodeBinaryCloudEvent(request, context)];
  }
  const shape = type === undefined ? undefined : SHAPES.get(type);
  // [EG-CE-CONTENT-TYPE]
  if (shape === undefined) {
    throw new RingmainError(
      "invalid_content_type",
      "The Content-Type header is either missing or it doesn't have a valid value. The content type header must " +
        "either be application/cloudevents+json; charset=utf-8 or application/cloudevents-batch+json; charset=UTF-8.",
    );
  }
  const parsed = parseBody(request.bytes, SCHEMA, shape);
  return parsed.events.map((event) => decodeEvent(parsed.bytes, event, context));
}

function decodeEvent(bytes: Uint8Array, { body, slice }: ParsedEvent, context: DecodeContext): PublishedEvent {
  const { source, ...attributes } = cloudEventAttributes(body);
  checkExtensions(body);
  const repeats = Object.keys(body).length !== slice.memberCount;
  return {
    body,
    envelope: {
      systemId: context.newId(),
      schema: SCHEMA,
      topic: context.topicNamed?.(source) ?? context.topic,
      ...attributes,
      dataVersion: "",
      publishedAt: context.now,
      // [EG-SCHEMA-BYTES] If a member was sent twice, only the last one counts and is delivered.
      json: repeats
        ? objectOf(bytes, membersByName(bytes, slice.start).values(), "")
        : bytes.subarray(slice.start, slice.end),
    },
  };
}
