import { assertNever } from "../../core/errors.ts";
import type { PublishedEvent } from "../../core/event.ts";
import { readTraceContext } from "../../core/trace-context.ts";
import { decodeCloudEvents } from "./decode-cloud-events.ts";
import { decodeCustomEvents } from "./decode-custom-events.ts";
import { decodeEventGridEvents } from "./decode-event-grid-events.ts";
import type { DecodeContext, PublishBody } from "./publish-body.ts";

/**
 * Decodes a publish request into events, all of them or none. Throws `RingmainError` with the beginning of Azure's
 * message: `input_json_invalid`, `invalid_cloud_event_header`, `invalid_content_type`, `payload_too_large` or, for
 * an event that names another topic, `unauthorized`.
 * Source: [EG-PUBLISH-ATOMIC], [EG-TRACE-EVENT]
 */
export function decodePublishRequest(body: PublishBody, context: DecodeContext): PublishedEvent[] {
  const events = decodeEvents(body, context);
  const { traceOf } = context;
  return traceOf === undefined ? events : events.map((event) => traced(event, traceOf));
}

function decodeEvents(body: PublishBody, context: DecodeContext): PublishedEvent[] {
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

function traced(event: PublishedEvent, traceOf: NonNullable<DecodeContext["traceOf"]>): PublishedEvent {
  const { body, envelope } = event;
  const isCloudEvent = envelope.schema === "CloudEventSchemaV1_0";
  const trace = traceOf(isCloudEvent ? readTraceContext(body["traceparent"], body["tracestate"]) : undefined);
  return trace === undefined ? event : { body, envelope: { ...envelope, trace } };
}
