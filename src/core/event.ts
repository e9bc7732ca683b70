import type { JsonObject } from "./json.ts";
import type { EpochMs } from "./time.ts";
import type { TraceContext } from "./trace-context.ts";

/** Schema of the events that a topic accepts; `inputSchema` in the control plane. */
export type InputSchema = "EventGridSchema" | "CloudEventSchemaV1_0" | "CustomEventSchema";

/** Schema of the events that a subscription receives; `eventDeliverySchema` in the control plane. */
export type EventDeliverySchema = "EventGridSchema" | "CloudEventSchemaV1_0" | "CustomInputSchema";

/** Returns the delivery schema of a subscription that sets none. [EG-SCHEMA-DEFAULT] */
export function defaultDeliverySchema(inputSchema: InputSchema): EventDeliverySchema {
  return inputSchema === "CloudEventSchemaV1_0" ? "CloudEventSchemaV1_0" : "EventGridSchema";
}

/**
 * One accepted event as it is stored and delivered. Immutable.
 *
 * `json` is the complete event in the schema in which it arrived: in the Event Grid schema, with `topic`, `dataVersion`
 * and `metadataVersion` stamped; for CloudEvents, in structured form; for custom input, the publisher's own object. It
 * is serialized once, when the event is accepted, so that a delivery only joins bytes. The other fields repeat the
 * values that routing, headers and conversion need, so that these do not parse `json` again.
 */
export interface EventEnvelope {
  /**
   * Event Grid's own id of the event, in the `aeg-output-event-id` header. Unique; created when the event is accepted.
   */
  readonly systemId: string;
  readonly schema: InputSchema;
  /** Full ARM id of the topic; for a system topic, of the source resource. CloudEvents keep their own `source`. */
  readonly topic: string;
  /** The publisher's id. Never used to remove duplicates. */
  readonly id: string;
  /** `eventType` or `type`. */
  readonly type: string;
  /** Absent only for a CloudEvent without subject. */
  readonly subject: string | undefined;
  /** The event's time as published. Absent only for a CloudEvent without time. */
  readonly time: string | undefined;
  /** Empty for CloudEvents. */
  readonly dataVersion: string;
  readonly publishedAt: EpochMs;
  /** Trace context that its deliveries continue; absent for an event without one. */
  readonly trace?: TraceContext;
  /** UTF-8 JSON text of one object. */
  readonly json: Uint8Array;
}

/**
 * An event that is being published: its envelope, and the parsed body that filters read. The body is as published:
 * in the Event Grid schema, only the envelope has the stamped properties. It is released once routing is done.
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
