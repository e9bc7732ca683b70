import { assertNever } from "../../core/errors.ts";
import type { InputSchema, PublishedEvent } from "../../core/event.ts";
import type { InputSchemaMapping } from "../../core/resources.ts";
import type { EpochMs } from "../../core/time.ts";
import { decodeCloudEvents } from "./decode-cloud-events.ts";
import { decodeCustomEvents } from "./decode-custom-events.ts";
import { decodeEventGridEvents } from "./decode-event-grid-events.ts";

/** A publish request, as far as its events go. */
export interface PublishBody {
  /** The `Content-Type` header. */
  readonly contentType: string | undefined;
  /** A header's value, by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  /**
   * The names of all headers, in any case. Only CloudEvents in binary mode need them, for their extension
   * attributes; without it those are not read.
   */
  readonly headerNames?: () => Iterable<string>;
  /** The whole body. Slices of it are kept: it must not be written to afterwards. */
  readonly bytes: Uint8Array;
}

/** What decoding needs to know of the topic and of the moment. */
export interface DecodeContext {
  readonly schema: InputSchema;
  /** Of a topic with custom input. */
  readonly mapping?: InputSchemaMapping;
  /** The topic's ARM id: stamped on the events. */
  readonly topic: string;
  readonly now: EpochMs;
  /** A new GUID: the service's own id of an event, or the id of a custom event without one. */
  readonly newId: () => string;
}

/**
 * Turns a publish request into events, all of them or none. Throws `RingmainError` with the stem of Azure's message:
 * `input_json_invalid`, `invalid_cloud_event_header`, `invalid_content_type`, `payload_too_large` or, for an event
 * that names another topic, `unauthorized`.
 * Source: [EG-PUBLISH-ATOMIC]
 */
export function decodePublishRequest(body: PublishBody, context: DecodeContext): PublishedEvent[] {
  switch (context.schema) {
    case "EventGridSchema":
      return decodeEventGridEvents(body, context);
    case "CloudEventSchemaV1_0":
      return decodeCloudEvents(body, context);
    case "CustomEventSchema":
      return decodeCustomEvents(body, context);
    default:
      return assertNever(context.schema);
  }
}
