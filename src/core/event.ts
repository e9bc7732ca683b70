import type { JsonObject } from "./json.ts";
import type { EpochMs } from "./time.ts";
import type { TraceContext } from "./trace-context.ts";

/** What a topic accepts; the control plane's `inputSchema`. */
export type InputSchema = "EventGridSchema" | "CloudEventSchemaV1_0" | "CustomEventSchema";

/** What a subscription receives; the control plane's `eventDeliverySchema`. */
export type EventDeliverySchema = "EventGridSchema" | "CloudEventSchemaV1_0" | "CustomInputSchema";

/** What a subscription receives that does not say. [EG-SCHEMA-DEFAULT] */
export function defaultDeliverySchema(inputSchema: InputSchema): EventDeliverySchema {
  return inputSchema === "CloudEventSchemaV1_0" ? "CloudEventSchemaV1_0" : "EventGridSchema";
}

/**
 * One accepted event, as it is stored and delivered. Immutable.
 *
 * `json` is the event in the schema it arrived in, complete: for the Event Grid schema with `topic`, `dataVersion`
 * and `metadataVersion` stamped; for CloudEvents in structured form; for custom input the publisher's own object.
 * It is serialised once, when the event is accepted, so that delivery joins bytes. The other fields repeat what
 * routing, headers and conversion need without parsing `json` again.
 */
export interface EventEnvelope {
  /** Event Grid's own id of the event: the `aeg-output-event-id` header; unique, made when the event is accepted. */
  readonly systemId: string;
  readonly schema: InputSchema;
  /** Full ARM id of the topic (for a system topic: of the source resource). CloudEvents keep their own `source`. */
  readonly topic: string;
  /** The publisher's id. Never used to remove duplicates. */
  readonly id: string;
  /** `eventType` or `type`. */
  readonly type: string;
  /** Absent only for a CloudEvent without one. */
  readonly subject: string | undefined;
  /** The event's time as published; absent only for a CloudEvent without one. */
  readonly time: string | undefined;
  /** Empty for CloudEvents. */
  readonly dataVersion: string;
  readonly publishedAt: EpochMs;
  /** Where its deliveries continue a trace; absent for an event that none came with. */
  readonly trace?: TraceContext;
  /** UTF-8 JSON text of one object. */
  readonly json: Uint8Array;
}

/**
 * An event while it is being published: the envelope, and the parsed body that filters read.
 * The body is as it was published (EventGridSchema: what was stamped is in the envelope alone) and is let go once
 * routing is done.
 */
export interface PublishedEvent {
  readonly envelope: EventEnvelope;
  readonly body: JsonObject;
}

/** An event that Ringmain itself raises for a system topic. */
export interface SystemEvent {
  readonly id: string;
  readonly eventType: string;
  readonly subject: string;
  readonly eventTime: EpochMs;
  readonly data: JsonObject;
  readonly dataVersion: string;
}
