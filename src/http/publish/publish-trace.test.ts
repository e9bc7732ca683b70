import { describe, expect, it } from "vitest";
import { decodePublishRequest } from "../../codec/decode/decode-publish-request.ts";
import type { InputSchema } from "../../core/event.ts";
import type { TraceContext } from "../../core/trace-context.ts";
import type { PublishResult, Tracer } from "../../ports/tracer.ts";
import { tracePublish } from "./publish-trace.ts";

const traceparent = (trace: string, span: string): string => `00-${trace.repeat(32)}-${span.repeat(16)}-01`;
const ofRequest = { traceparent: traceparent("a", "1"), tracestate: "vendor=request" };
const sameTrace = { traceparent: traceparent("a", "2") };
const otherTrace = { traceparent: traceparent("b", "3"), tracestate: "vendor=event" };
const span = { traceparent: traceparent("a", "9") };

/** A tracer whose spans have the context `span`, or the trace of a parent that is not the request's. */
class FakeTracer implements Tracer {
  readonly begun: (TraceContext | undefined)[] = [];
  readonly ended: PublishResult[] = [];

  publish(_topic: string, _at: number, parent: TraceContext | undefined): ReturnType<Tracer["publish"]> {
    this.begun.push(parent);
    return { context: span, end: (_endedAt, result) => this.ended.push(result) };
  }

  attempt(): never {
    throw new Error("no attempt here");
  }
}

/** Returns the trace contexts of two events: one without a context, and one with the context `own`. */
function decoded(
  tracer: Tracer | undefined,
  parent: TraceContext | undefined,
  own: TraceContext | undefined,
  schema: InputSchema = "CloudEventSchemaV1_0",
): (TraceContext | undefined)[] {
  const trace = tracePublish(tracer, { id: "/topics/orders", schema }, 0, parent);
  const events = [{ id: "1" }, { id: "2", ...own }].map((fields) =>
    schema === "CloudEventSchemaV1_0"
      ? { specversion: "1.0", type: "t", source: "/s", ...fields }
      : { subject: "s", eventType: "t", eventTime: "2026-01-01T00:00:00Z", data: own ?? {}, id: fields.id },
  );
  const request = {
    contentType: "application/cloudevents-batch+json",
    header: () => undefined,
    bytes: new TextEncoder().encode(JSON.stringify(events)),
  };
  const context = { schema, topic: "/topics/orders", now: 0, newId: () => "id", traceOf: trace.traceOf };
  const contexts = decodePublishRequest(request, context).map(({ envelope }) => envelope.trace);
  trace.end(1, { kind: "published", events: contexts.length });
  return contexts;
}

describe("the trace of a publish request", () => {
  it("without a tracer, an event keeps its own context, or gets the request's [EG-TRACE-EVENT]", () => {
    expect(decoded(undefined, ofRequest, otherTrace)).toEqual([ofRequest, otherTrace]);
    expect(decoded(undefined, undefined, otherTrace)).toEqual([undefined, otherTrace]);
    expect(decoded(undefined, ofRequest, otherTrace, "EventGridSchema")).toEqual([ofRequest, ofRequest]);
  });

  it("an invalid traceparent of an event is ignored [EG-TRACE-EVENT]", () => {
    expect(decoded(undefined, ofRequest, { traceparent: "none" })).toEqual([ofRequest, ofRequest]);
  });

  it("without a tracer and a context, nothing is traced", () => {
    expect(tracePublish(undefined, { id: "/t", schema: "EventGridSchema" }, 0, undefined).traceOf).toBeUndefined();
  });

  it("with a tracer, deliveries continue the request's span, unless the event is in another trace", () => {
    const tracer = new FakeTracer();
    expect(decoded(tracer, ofRequest, sameTrace)).toEqual([span, span]);
    expect(decoded(tracer, ofRequest, otherTrace)).toEqual([span, otherTrace]);
    expect(tracer.begun).toEqual([ofRequest, ofRequest]);
    expect(tracer.ended).toEqual([
      { kind: "published", events: 2 },
      { kind: "published", events: 2 },
    ]);
  });

  it("a request without a context is in the trace of its first event, or in a new one if it fails before", () => {
    const tracer = new FakeTracer();
    const request = tracePublish(tracer, { id: "/t", schema: "CloudEventSchemaV1_0" }, 0, undefined);
    request.traceOf?.(sameTrace);
    request.end(1, { kind: "published", events: 1 });
    tracePublish(tracer, { id: "/t", schema: "CloudEventSchemaV1_0" }, 0, undefined).end(1, {
      kind: "failed",
      code: "input_json_invalid",
    });
    expect(tracer.begun).toEqual([sameTrace, undefined]);
    expect(tracer.ended[1]).toEqual({ kind: "failed", code: "input_json_invalid" });
  });
});
