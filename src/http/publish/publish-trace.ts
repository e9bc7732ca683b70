import type { InputSchema } from "../../core/event.ts";
import type { EpochMs } from "../../core/time.ts";
import { isSameTrace, type TraceContext } from "../../core/trace-context.ts";
import type { PublishResult, Span, Tracer } from "../../ports/tracer.ts";

/** The trace that one publish request belongs to. */
export interface PublishTrace {
  /** Where an event's deliveries continue it, given what the event itself says; unset when that is nowhere. */
  readonly traceOf: ((own: TraceContext | undefined) => TraceContext | undefined) | undefined;
  end(at: EpochMs, result: PublishResult): void;
}

const UNTRACED: PublishTrace = { traceOf: undefined, end() {} };
const OF_EVENTS: PublishTrace = { traceOf: (own) => own, end() {} };

/**
 * Follows a publish request. Without a tracer the publisher's context is handed on as it came: an event's own
 * before the request's. With one, deliveries continue from the request's span, except those of events that say they
 * belong to another trace.
 * Source: [EG-TRACE-EVENT]
 *
 * @param parent what the request's headers say
 */
export function tracePublish(
  tracer: Tracer | undefined,
  topic: { readonly id: string; readonly schema: InputSchema },
  at: EpochMs,
  parent: TraceContext | undefined,
): PublishTrace {
  if (tracer === undefined) {
    if (parent !== undefined) return { traceOf: (own) => own ?? parent, end() {} };
    return topic.schema === "CloudEventSchemaV1_0" ? OF_EVENTS : UNTRACED;
  }
  let span: Span<PublishResult> | undefined;
  // Begun when the first event is known: a request without a context of its own is in the trace of its events.
  const begun = (own: TraceContext | undefined): Span<PublishResult> =>
    (span ??= tracer.publish(topic.id, at, parent ?? own));
  return {
    traceOf: (own) => {
      const { context } = begun(own);
      return own === undefined || isSameTrace(own, context) ? context : own;
    },
    end: (endedAt, result) => begun(undefined).end(endedAt, result),
  };
}
