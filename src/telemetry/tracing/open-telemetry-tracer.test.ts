import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { delivery, NEVER, webhookTo } from "../../../test/contract/destination-fixtures.ts";
import { Collector } from "../../../test/support/collector.ts";
import { createLineLogger, type LogLine } from "../../app/system/line-logger.ts";
import { topicId } from "../../core/resources/resource-id.ts";
import type { TraceContext } from "../../core/trace-context.ts";
import { SILENT_LOGGER } from "../../ports/logger.ts";
import { openTracer } from "./open-telemetry-tracer.ts";

const VARIABLE = "OTEL_EXPORTER_OTLP_ENDPOINT";
const trace = "0af7651916cd43dd8448eb211c80319c";
const parent: TraceContext = { traceparent: `00-${trace}-b7ad6b7169203331-01`, tracestate: "vendor=1,other=2" };
const failure = { kind: "failed", outcome: "Busy", httpStatus: 503, detail: "POST http://here answered 503." } as const;

let collector: Collector;
beforeEach(async () => {
  collector = await Collector.start();
  process.env[VARIABLE] = collector.url;
});
afterEach(async () => {
  Reflect.deleteProperty(process.env, VARIABLE);
  await collector.stop();
});

describe("traces", () => {
  it("have a span for the request, and a child span with the result of each attempt [EG-TRACE-SPAN]", async () => {
    const tracer = openTracer({ version: "1.2.3", logger: SILENT_LOGGER });
    const publish = tracer.publish(topicId("orders"), 1_000, parent);
    publish.end(1_004, { kind: "published", events: 2 });
    const batch = [delivery({}, { deliveryCount: 1 }, { id: "order-1", trace: publish.context })];
    const subscription = webhookTo("http://here/hook?code=secret");
    const attempts = [failure, { kind: "accepted", httpStatus: 204 }] as const;
    const contexts = attempts.map((outcome, index) => {
      const attempt = tracer.attempt(subscription, batch, 2_000 + index);
      attempt.end(2_010 + index, outcome);
      return attempt.context;
    });
    await tracer.close(NEVER);
    const [request, refused, taken] = collector.spans;
    expect(collector.resource).toMatchObject({ "service.name": "ringmain", "service.version": "1.2.3" });
    expect(request).toEqual({
      traceId: trace,
      spanId: publish.context.traceparent.slice(36, 52),
      parentSpanId: "b7ad6b7169203331",
      name: "publish orders",
      kind: "server",
      startMs: 1_000,
      endMs: 1_004,
      failed: false,
      message: "",
      links: [],
      attributes: {
        "messaging.system": "eventgrid",
        "messaging.operation.name": "publish",
        "messaging.operation.type": "send",
        "messaging.destination.name": "orders",
        "messaging.batch.message_count": 2,
      },
    });
    expect(publish.context.tracestate).toBe(parent.tracestate);
    expect(refused).toEqual({
      traceId: trace,
      spanId: contexts[0]?.traceparent.slice(36, 52),
      parentSpanId: request?.spanId,
      name: "deliver to-warehouse",
      kind: "client",
      startMs: 2_000,
      endMs: 2_010,
      failed: true,
      message: failure.detail,
      links: [],
      attributes: {
        "messaging.system": "eventgrid",
        "messaging.operation.name": "deliver",
        "messaging.operation.type": "process",
        "messaging.destination.name": "orders",
        "messaging.destination.subscription.name": "to-warehouse",
        "messaging.batch.message_count": 1,
        "messaging.message.id": "order-1",
        "ringmain.delivery_count": 1,
        "http.response.status_code": 503,
        "error.type": "Busy",
      },
    });
    expect(taken).toMatchObject({ parentSpanId: request?.spanId, failed: false });
    expect(taken?.attributes).toMatchObject({ "http.response.status_code": 204 });
    expect(new Set(contexts.map(({ traceparent }) => traceparent)).size).toBe(2);
    expect(contexts[0]?.tracestate).toBe(parent.tracestate);
  });

  it("start with the request if it has no context, and contain the reason of a failure [EG-TRACE-SPAN]", async () => {
    const tracer = openTracer({ version: "1.2.3", logger: SILENT_LOGGER });
    tracer.publish(topicId("orders"), 1_000, undefined).end(1_001, { kind: "failed", code: "store_full" });
    tracer.attempt(webhookTo("http://here"), [delivery()], 2_000).end(2_001, { kind: "accepted" });
    await tracer.close(NEVER);
    const [request, attempt] = collector.spans;
    expect(request).toMatchObject({ parentSpanId: "", failed: true, attributes: { "error.type": "store_full" } });
    expect(attempt).toMatchObject({ parentSpanId: "", failed: false });
    expect(attempt?.traceId).not.toBe(request?.traceId);
  });

  it("link an attempt at a batch to the traces of all its events [EG-TRACE-SPAN]", async () => {
    const tracer = openTracer({ version: "1.2.3", logger: SILENT_LOGGER });
    const other = { traceparent: `00-${"b".repeat(32)}-${"2".repeat(16)}-01` };
    const batch = [delivery({}, {}, { trace: parent }), delivery(), delivery({}, {}, { trace: other })];
    tracer.attempt(webhookTo("http://here"), batch, 2_000).end(2_001, { kind: "accepted" });
    await tracer.close(NEVER);
    expect(collector.spans).toMatchObject([
      { traceId: trace, links: ["b".repeat(32)], attributes: { "messaging.batch.message_count": 3 } },
    ]);
  });

  it("are not recorded if the publisher did not sample them, but are propagated", async () => {
    const tracer = openTracer({ version: "1.2.3", logger: SILENT_LOGGER });
    const unsampled = { traceparent: parent.traceparent.replace(/01$/, "00") };
    const span = tracer.publish(topicId("orders"), 1_000, unsampled);
    span.end(1_001, { kind: "published", events: 1 });
    await tracer.close(NEVER);
    expect(span.context.traceparent).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-00$`));
    expect(collector.spans).toEqual([]);
  });
});

describe("a collector that accepts no spans", () => {
  it("delays shutdown only until the deadline, and is logged", async () => {
    const deaf: Server = createServer(() => {});
    deaf.listen(0, "127.0.0.1");
    await once(deaf, "listening");
    process.env[VARIABLE] = `http://127.0.0.1:${(deaf.address() as AddressInfo).port}`;
    const tracer = openTracer({ version: "1.2.3", logger: SILENT_LOGGER });
    tracer.publish(topicId("orders"), 0, undefined).end(1, { kind: "published", events: 1 });
    await tracer.close(AbortSignal.abort());
    deaf.closeAllConnections();
    deaf.close();
  });

  it("is logged", async () => {
    collector.status = 400;
    const lines: LogLine[] = [];
    const tracer = openTracer({ version: "1.2.3", logger: createLineLogger("debug", (line) => lines.push(line)) });
    tracer.publish(topicId("orders"), 0, undefined).end(1, { kind: "published", events: 1 });
    await tracer.close(NEVER);
    expect(lines[0]).toMatchObject({ event: "trace_export_failed", level: "warn" });
    expect(JSON.stringify(lines)).toContain("Bad Request");
  });
});
