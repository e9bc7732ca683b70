import type { InputSchema } from "../../core/event.ts";
import type { InputSchemaMapping } from "../../core/resources/resources.ts";
import type { EpochMs } from "../../core/time.ts";
import type { TraceContext } from "../../core/trace-context.ts";
import type { TopicNamed } from "./named-topic.ts";

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
  readonly mapping?: InputSchemaMapping | undefined;
  /** The topic's ARM id: stamped on the events, unless they name a topic of their own. */
  readonly topic: string;
  /** Given where events name the topic that they are for. */
  readonly topicNamed?: TopicNamed | undefined;
  readonly now: EpochMs;
  /** A new GUID: the service's own id of an event, or the id of a custom event without one. */
  readonly newId: () => string;
  /**
   * Where an event's deliveries continue a trace, given what the event itself says: only CloudEvents can. Unset where
   * that is known to be nowhere.
   */
  readonly traceOf?: ((own: TraceContext | undefined) => TraceContext | undefined) | undefined;
}
