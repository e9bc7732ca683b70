import type { Delivery, DeliveryOutcome } from "../core/delivery.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { Subscriber } from "../core/subscriber.ts";
import type { EpochMs } from "../core/time.ts";
import type { TraceContext } from "../core/trace-context.ts";

/** One step of a trace, under way. */
export interface Span<Result> {
  /** Its place in the trace: what follows from it names this as its parent. */
  readonly context: TraceContext;
  /** Ends it, once. Never throws. */
  end(at: EpochMs, result: Result): void;
}

/** What became of a publish request. */
export type PublishResult =
  | { readonly kind: "published"; readonly events: number }
  | { readonly kind: "failed"; readonly code: ErrorCode };

/** Records traces. Where nothing is traced there is none, and nothing is paid for it. */
export interface Tracer {
  /** A publish request; a trace of its own unless it has a `parent`. */
  publish(topicId: string, at: EpochMs, parent: TraceContext | undefined): Span<PublishResult>;
  /** An attempt at one batch, as a child of what its first event came with; the other events' are linked. */
  attempt(subscriber: Subscriber, batch: readonly Delivery[], at: EpochMs): Span<DeliveryOutcome>;
}
