import { assertNever } from "../../core/errors.ts";
import type { PublishedEvent } from "../../core/event.ts";
import { decodeCloudEvents } from "./decode-cloud-events.ts";
import { decodeCustomEvents } from "./decode-custom-events.ts";
import { decodeEventGridEvents } from "./decode-event-grid-events.ts";
import type { DecodeContext, PublishBody } from "./publish-body.ts";

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
