import type { InputSchema } from "../../core/event.ts";
import type { InputSchemaMapping } from "../../core/resources/resources.ts";
import type { EpochMs } from "../../core/time.ts";
import type { TraceContext } from "../../core/trace-context.ts";
import type { TopicNamed } from "./named-topic.ts";

/** The parts of a publish request that decoding reads. */
export interface PublishBody {
  /** The `Content-Type` header. */
  readonly contentType: string | undefined;
  /** Returns a header's value by its lower-case name. */
  readonly header: (name: string) => string | undefined;
  /**
   * Returns the names of all headers, in any case. Used for the extension attributes of CloudEvents in binary mode;
   * if unset, these are ignored.
   */
  readonly headerNames?: () => Iterable<string>;
  /** The whole body. Events keep slices of it: do not write to it afterwards. */
  readonly bytes: Uint8Array;
}

/** The topic and the moment for which a request is decoded. */
export interface DecodeContext {
  readonly schema: InputSchema;
  /** Set for a topic with custom input. */
  readonly mapping?: InputSchemaMapping | undefined;
  /** The topic's ARM id. Stamped on events that do not name a topic of their own. */
  readonly topic: string;
  /** Set if events name the topic they are for. */
  readonly topicNamed?: TopicNamed | undefined;
  readonly now: EpochMs;
  /** Returns a new GUID: the service's own id of an event, or the id of a custom event without one. */
  readonly newId: () => string;
  /**
   * Returns the trace context that an event's deliveries continue. `own` is the context in the event itself, which
   * only CloudEvents can have. Unset if tracing is off for every event.
   */
  readonly traceOf?: ((own: TraceContext | undefined) => TraceContext | undefined) | undefined;
}
