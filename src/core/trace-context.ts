/** A position in a distributed trace, in the form of W3C Trace Context. */
export interface TraceContext {
  /** For example `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01`. */
  readonly traceparent: string;
  /** Vendor-specific data, passed on unchanged. Printable ASCII, at most 512 characters. */
  readonly tracestate?: string;
}

/** Matches version, trace, span and flags. A version later than 00 may have more after them. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-[\x21-\x7e]*)?$/;
const MAX_TRACEPARENT_CHARS = 128;
const TRACESTATE = /^[\x20-\x7e]{1,512}$/;

/**
 * Parses a trace context from header values or from a CloudEvent's attributes. An invalid context counts as absent
 * and never causes an error: tracing must not cause the loss of an event. [EG-TRACE-INVALID]
 */
export function readTraceContext(traceparent: unknown, tracestate: unknown): TraceContext | undefined {
  if (typeof traceparent !== "string" || traceparent.length > MAX_TRACEPARENT_CHARS) return undefined;
  if (!TRACEPARENT.test(traceparent) || (traceparent.startsWith("00") && traceparent.length !== 55)) return undefined;
  if (typeof tracestate !== "string" || !TRACESTATE.test(tracestate)) return { traceparent };
  return { traceparent, tracestate };
}

/** Returns whether two contexts are in the same trace. */
export function isSameTrace(one: TraceContext, other: TraceContext): boolean {
  return traceId(one) === traceId(other);
}

function traceId({ traceparent }: TraceContext): string {
  return traceparent.slice(3, 35);
}
