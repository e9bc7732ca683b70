import {
  createTraceState,
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace as traceApi,
  type Context,
  type HrTime,
  type Link,
  type Span as OtelSpan,
  type SpanContext,
  type SpanOptions,
  type Tracer as OtelTracer,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { Delivery, DeliveryOutcome } from "../../core/delivery.ts";
import { resourceName } from "../../core/resources/resource-id.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import { SECOND_MS, type EpochMs } from "../../core/time.ts";
import type { TraceContext } from "../../core/trace-context.ts";
import type { Logger } from "../../ports/logger.ts";
import type { PublishResult, Span, Tracer } from "../../ports/tracer.ts";

/** Maximum number of a batch's further events that an attempt's span links to. */
const MAX_LINKS = 127;

/** A tracer that sends its spans to a collector. */
export interface ExportingTracer extends Tracer {
  /**
   * Sends the remaining spans and closes. Discards spans that the collector has not accepted when `deadline` is
   * aborted.
   */
  close(deadline: AbortSignal): Promise<void>;
}

/**
 * Records spans with OpenTelemetry and sends them by OTLP over HTTP as JSON. The library reads the collector's address,
 * headers and timeouts from its own environment variables (`OTEL_EXPORTER_OTLP_*`, `OTEL_RESOURCE_ATTRIBUTES`,
 * `OTEL_SERVICE_NAME`). It limits the number of spans that wait to be sent and drops further ones.
 * Source: [EG-TRACE-SPAN]
 */
export function openTracer(options: { readonly version: string; readonly logger: Logger }): ExportingTracer {
  const { version, logger } = options;
  const warn = (message: string): void => logger.warn("trace_export_failed", { error: message });
  diag.setLogger(
    { error: warn, warn, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ "service.name": "ringmain", "service.version": version }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  });
  const tracer = provider.getTracer("ringmain", version);
  return {
    publish: (topicId, at, parent) => publishSpan(tracer, topicId, at, parent),
    attempt: (subscriber, batch, at) => attemptSpan(tracer, subscriber, batch, at),
    close: async (deadline) => {
      const sent = provider.shutdown().catch((thrown: unknown) => warn(String(thrown)));
      const late = aborted(deadline).then(() => "late" as const);
      if ((await Promise.race([sent, late])) === "late") warn("the collector did not take the last spans in time");
      diag.disable();
    },
  };
}

function ignore(): void {}

/** Converts a time. The library could take a plain number for a value of `performance.now()`. */
function hrTime(at: EpochMs): HrTime {
  return [Math.floor(at / SECOND_MS), (at % SECOND_MS) * 1_000_000];
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function publishSpan(
  tracer: OtelTracer,
  topicId: string,
  at: EpochMs,
  parent: TraceContext | undefined,
): Span<PublishResult> {
  const topic = resourceName(topicId);
  const attributes = {
    "messaging.system": "eventgrid",
    "messaging.operation.name": "publish",
    "messaging.operation.type": "send",
    "messaging.destination.name": topic,
  };
  const options = { kind: SpanKind.SERVER, startTime: hrTime(at), attributes };
  return begin({ tracer, name: `publish ${topic}`, options, parent }, (span, result: PublishResult) => {
    if (result.kind === "published") span.setAttribute("messaging.batch.message_count", result.events);
    else fail(span, result.code, result.code);
  });
}

function attemptSpan(
  tracer: OtelTracer,
  subscriber: Subscriber,
  batch: readonly Delivery[],
  at: EpochMs,
): Span<DeliveryOutcome> {
  const [first, ...rest] = batch;
  const attributes = {
    "messaging.system": "eventgrid",
    "messaging.operation.name": "deliver",
    "messaging.operation.type": "process",
    "messaging.destination.name": resourceName(subscriber.source),
    "messaging.destination.subscription.name": subscriber.name,
    "messaging.batch.message_count": batch.length,
    ...(batch.length === 1 && first !== undefined && { "messaging.message.id": first.event.id }),
    "ringmain.delivery_count": first?.deliveryCount ?? 0,
  };
  const links = rest.slice(0, MAX_LINKS).flatMap(({ event }): Link[] => {
    return event.trace === undefined ? [] : [{ context: spanContext(event.trace) }];
  });
  const options = { kind: SpanKind.CLIENT, startTime: hrTime(at), attributes, links };
  const begun = { tracer, name: `deliver ${subscriber.name}`, options, parent: first?.event.trace };
  return begin(begun, (span, outcome: DeliveryOutcome) => {
    if (outcome.httpStatus !== undefined) span.setAttribute("http.response.status_code", outcome.httpStatus);
    if (outcome.kind === "failed") fail(span, outcome.outcome, outcome.detail);
  });
}

/** A span to begin. */
interface BegunSpan {
  readonly tracer: OtelTracer;
  readonly name: string;
  readonly options: SpanOptions;
  readonly parent: TraceContext | undefined;
}

/** Begins a span; `describe` adds its result when it ends. */
function begin<Result>(
  { tracer, name, options, parent }: BegunSpan,
  describe: (span: OtelSpan, result: Result) => void,
): Span<Result> {
  const context: Context =
    parent === undefined ? ROOT_CONTEXT : traceApi.setSpanContext(ROOT_CONTEXT, spanContext(parent));
  const span = tracer.startSpan(name, options, context);
  return {
    context: traceContext(span.spanContext()),
    end: (at, result) => {
      describe(span, result);
      span.end(hrTime(at));
    },
  };
}

function fail(span: OtelSpan, type: string, message: string): void {
  span.setAttribute("error.type", type);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

function spanContext({ traceparent, tracestate }: TraceContext): SpanContext {
  const [, traceId = "", spanId = "", flags = "00"] = traceparent.split("-");
  return {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
    ...(tracestate !== undefined && { traceState: createTraceState(tracestate) }),
  };
}

function traceContext({ traceId, spanId, traceFlags, traceState }: SpanContext): TraceContext {
  const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
  const tracestate = traceState?.serialize();
  return tracestate === undefined || tracestate === "" ? { traceparent } : { traceparent, tracestate };
}
