/** A place in a distributed trace, as W3C Trace Context writes it. */
export interface TraceContext {
  /** For example `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01`. */
  readonly traceparent: string;
  /** What vendors add; passed on as it came. Printable ASCII, at most 512 characters. */
  readonly tracestate?: string;
}

/** Version, trace, span and flags; of a version later than 00 there may be more behind them. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-[\x21-\x7e]*)?$/;
const MAX_TRACEPARENT_CHARS = 128;
const TRACESTATE = /^[\x20-\x7e]{1,512}$/;

/**
 * Reads a trace context from header values or from a CloudEvent's attributes. What is no valid context counts as
 * absent, and is never an error: a trace must not cost anybody an event. [EG-TRACE-INVALID]
 */
export function readTraceContext(traceparent: unknown, tracestate: unknown): TraceContext | undefined {
  if (typeof traceparent !== "string" || traceparent.length > MAX_TRACEPARENT_CHARS) return undefined;
  if (!TRACEPARENT.test(traceparent) || (traceparent.startsWith("00") && traceparent.length !== 55)) return undefined;
  if (typeof tracestate !== "string" || !TRACESTATE.test(tracestate)) return { traceparent };
  return { traceparent, tracestate };
}

/** Whether two places are in the same trace. */
export function isSameTrace(one: TraceContext, other: TraceContext): boolean {
  return traceId(one) === traceId(other);
}

function traceId({ traceparent }: TraceContext): string {
  return traceparent.slice(3, 35);
}
