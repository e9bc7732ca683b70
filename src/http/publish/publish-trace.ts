import type { InputSchema } from "../../core/event.ts";
import type { EpochMs } from "../../core/time.ts";
import { isSameTrace, type TraceContext } from "../../core/trace-context.ts";
import type { PublishResult, Span, Tracer } from "../../ports/tracer.ts";

/** The trace of one publish request. */
export interface PublishTrace {
  /**
   * Returns the context that an event's deliveries continue, given the event's own context. Unset if no event is
   * traced.
   */
  readonly traceOf: ((own: TraceContext | undefined) => TraceContext | undefined) | undefined;
  end(at: EpochMs, result: PublishResult): void;
}

const UNTRACED: PublishTrace = { traceOf: undefined, end() {} };
const OF_EVENTS: PublishTrace = { traceOf: (own) => own, end() {} };

/**
 * Starts the trace of a publish request. Without a tracer, the publisher's context is passed on unchanged: an
 * event's own context, else the request's. With a tracer, deliveries continue the request's span, except those of
 * events that belong to another trace.
 * Source: [EG-TRACE-EVENT]
 *
 * @param parent context from the request's headers
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
  // The span starts when the first event is known: a request without a context belongs to the trace of that event.
  const startedSpan = (own: TraceContext | undefined): Span<PublishResult> =>
    (span ??= tracer.publish(topic.id, at, parent ?? own));
  return {
    traceOf: (own) => {
      const { context } = startedSpan(own);
      return own === undefined || isSameTrace(own, context) ? context : own;
    },
    end: (endedAt, result) => startedSpan(undefined).end(endedAt, result),
  };
}
