import type { Delivery, DeliveryOutcome } from "../core/delivery.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { Subscriber } from "../core/subscriber.ts";
import type { EpochMs } from "../core/time.ts";
import type { TraceContext } from "../core/trace-context.ts";

/** A step of a trace that is in progress. */
export interface Span<Result> {
  /** The step's position in the trace. Later steps have it as their parent. */
  readonly context: TraceContext;
  /** Ends the step. Must be called once. Never throws. */
  end(at: EpochMs, result: Result): void;
}

/** Result of a publish request. */
export type PublishResult =
  | { readonly kind: "published"; readonly events: number }
  | { readonly kind: "failed"; readonly code: ErrorCode };

/** Records traces. Absent if tracing is off, so that it costs nothing. */
export interface Tracer {
  /** Starts a step for a publish request. It begins a new trace unless it has a `parent`. */
  publish(topicId: string, at: EpochMs, parent: TraceContext | undefined): Span<PublishResult>;
  /**
   * Starts a step for an attempt at one batch. Its parent is the trace context of the first event; the other events are
   * linked.
   */
  attempt(subscriber: Subscriber, batch: readonly Delivery[], at: EpochMs): Span<DeliveryOutcome>;
}
