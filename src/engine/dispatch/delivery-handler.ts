import {
  deadLetterQueueName,
  type DeadLetterReason,
  type DeliveryOutcome,
  type FailedAttempt,
  type LockedDelivery,
  type NextStep,
  type QueueName,
} from "../../core/delivery.ts";
import { assertNever } from "../../core/errors.ts";
import { expiryReason, HEALTHY, healthAfter, type Health } from "../../core/retry/probation.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import { decideNextStep, isExpired, type RetryRules } from "../../core/retry/retry-policy.ts";
import type { EpochMs } from "../../core/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { DeliveryQueue, RejectOptions } from "../../ports/delivery-queue.ts";
import type { Destination } from "../../ports/destination.ts";
import type { Random } from "../../ports/random.ts";
import type { Tracer } from "../../ports/tracer.ts";
import type { Observers } from "../observers.ts";
import { OPEN, type Admission, type BatchHandler, type WakeAt } from "./batch-handler.ts";
import type { Batching } from "../../core/destinations/destination-kind.ts";

/** Options and collaborators of {@link createDeliveryHandler}. */
export interface DeliveryHandlerOptions {
  readonly subscriber: Subscriber;
  readonly destination: Destination;
  readonly batching: Batching;
  readonly azureResource: boolean;
  /** Returns whether deliveries wait for the consent of the endpoint. */
  readonly held: () => boolean;
  /** Maximum probation of an unhealthy endpoint in milliseconds; 0 for none. */
  readonly maxProbationMs: number;
  /** Whether deliveries that failed with status 403 are tried again. */
  readonly retryForbidden: boolean;
  /** Called when the health of the endpoint has changed. */
  readonly onHealth: (health: Health) => void;
  /** Time from the last attempt to the dead letter, in milliseconds. */
  readonly deadLetterDelayMs: number;
  /** Maximum time before a retry, in milliseconds. */
  readonly maxRetryGapMs: number;
  readonly queue: DeliveryQueue;
  readonly clock: Clock;
  readonly random: Random;
  readonly observers: Observers;
  readonly wakeAt: WakeAt;
  /** Tracer for attempts; unset if tracing is disabled. */
  readonly tracer?: Tracer | undefined;
}

/**
 * Returns a handler that attempts the deliveries of a subscription at its destination and settles them by the retry
 * policy. Deliveries whose time to live has ended when they fall due are not attempted. [EG-RETRY-TTL]
 */
export function createDeliveryHandler(options: DeliveryHandlerOptions): BatchHandler {
  const { subscriber, destination, clock } = options;
  let health: Health = HEALTHY;

  function admission(): Admission {
    if (options.held()) return { kind: "held", until: Number.POSITIVE_INFINITY };
    const { probationUntil } = health;
    if (probationUntil === undefined) return OPEN;
    return clock.now() < probationUntil ? { kind: "held", until: probationUntil } : { kind: "trial" };
  }

  /** Updates the health of the endpoint after an attempt, and notifies observers of a new probation. [EG-PROBATION] */
  function updateHealth(outcome: DeliveryOutcome, now: EpochMs): void {
    const before = health;
    health = healthAfter(before, outcome, now, options.maxProbationMs);
    if (health !== before) options.onHealth(health);
    const { probationUntil: until } = health;
    if (until === undefined || until === before.probationUntil) return;
    const cause = outcome.kind === "failed" ? outcome.outcome : "GenericError";
    options.observers.notify({ kind: "delayed", at: now, subscriber, until, failures: health.failures, cause });
  }

  async function attempt(
    queue: QueueName,
    batch: readonly LockedDelivery[],
    startedAt: EpochMs,
    signal: AbortSignal,
  ): Promise<void> {
    const span = options.tracer?.attempt(subscriber, batch, startedAt);
    const outcome = await destination.deliver(batch, startedAt, signal, span?.context);
    const now = clock.now();
    span?.end(now, outcome);
    updateHealth(outcome, now);
    const settled =
      outcome.kind === "accepted"
        ? options.queue.acknowledge(queue, tokens(batch), now)
        : settleFailed(options, { queue, batch, outcome, now }, signal);
    options.observers.notify({
      kind: "attempted",
      at: now,
      subscriber,
      deliveries: batch,
      deliveryCount: batch[0]?.deliveryCount ?? 0,
      durationMs: now - startedAt,
      outcome,
    });
    await settled;
  }

  async function handle(queue: QueueName, batch: readonly LockedDelivery[], signal: AbortSignal): Promise<void> {
    const now = clock.now();
    const isOver = ({ event }: LockedDelivery): boolean => isExpired(event.publishedAt, subscriber.retry, now);
    if (!batch.some(isOver)) return attempt(queue, batch, now, signal);
    const live = batch.filter((delivery) => !isOver(delivery));
    await Promise.all([
      ...Array.from(byDeliveryCount(batch.filter(isOver)), ([deliveryCount, deliveries]) =>
        giveUp(options, { queue, deliveries, now }, expiryReason(deliveryCount, health)),
      ),
      live.length > 0 ? attempt(queue, live, now, signal) : undefined,
    ]);
  }

  return {
    batching: options.batching,
    waitsForReaders: destination.waitsForReaders,
    admission,
    handle,
    close: () => destination.close(),
  };
}

/** A batch whose attempt has failed, with the outcome. */
interface FailedBatch {
  readonly queue: QueueName;
  readonly batch: readonly LockedDelivery[];
  readonly outcome: DeliveryOutcome & { readonly kind: "failed" };
  readonly now: EpochMs;
}

/**
 * Settles a batch whose attempt has failed. Deliveries with equal counts get the same next step, so most batches
 * settle in one step.
 */
function settleFailed(
  options: DeliveryHandlerOptions,
  { queue, batch, outcome, now }: FailedBatch,
  signal: AbortSignal,
): Promise<unknown> {
  // Ringmain is stopping: the attempt does not count, and the deliveries are released unchanged.
  if (signal.aborted && outcome.outcome === "Aborted") {
    return options.queue.release(queue, tokens(batch), { now, dueAt: now });
  }
  const rules: RetryRules = {
    profile: options.subscriber.retry,
    azureResource: options.azureResource,
    retryForbidden: options.retryForbidden,
    maxGapMs: options.maxRetryGapMs,
  };
  const attempt = failedAttempt(outcome, now);
  return Promise.all(
    Array.from(byDeliveryCount(batch), ([deliveryCount, deliveries]) => {
      const next = decideNextStep(outcome, rules, { deliveryCount, now, random: options.random.next() });
      return settleGroup(options, { queue, deliveries, now, attempt }, next);
    }),
  );
}

function byDeliveryCount(batch: readonly LockedDelivery[]): Map<number, LockedDelivery[]> {
  const groups = new Map<number, LockedDelivery[]>();
  for (const delivery of batch) {
    const group = groups.get(delivery.deliveryCount);
    if (group === undefined) groups.set(delivery.deliveryCount, [delivery]);
    else group.push(delivery);
  }
  return groups;
}

/** Deliveries of one queue that are settled together. */
interface Group {
  readonly queue: QueueName;
  readonly deliveries: readonly LockedDelivery[];
  readonly now: EpochMs;
  /** The failed attempt; unset if no attempt took place. */
  readonly attempt?: FailedAttempt;
}

/** Settles deliveries according to the decision of the retry policy. */
async function settleGroup(options: DeliveryHandlerOptions, group: Group, next: NextStep): Promise<void> {
  const { queue, deliveries, now, attempt } = group;
  switch (next.kind) {
    case "acknowledge":
      await options.queue.acknowledge(queue, tokens(deliveries), now);
      return;
    case "release":
      await options.queue.release(queue, tokens(deliveries), {
        now,
        dueAt: next.dueAt,
        ...(attempt && { attempt }),
      });
      options.wakeAt(queue, next.dueAt);
      return;
    case "reject":
      await giveUp(options, group, next.reason);
      return;
    default:
      assertNever(next);
  }
}

/**
 * Moves deliveries to the dead-letter queue, or drops them if the subscription has no dead-letter destination.
 * [EG-DEADLETTER-OR-DROP]
 */
async function giveUp(
  options: DeliveryHandlerOptions,
  { queue, deliveries, now, attempt }: Group,
  reason: DeadLetterReason,
): Promise<void> {
  const { subscriber } = options;
  const base: RejectOptions = { now, reason, ...(attempt === undefined ? {} : { attempt }) };
  if (subscriber.deadLetterDestination === undefined) {
    await options.queue.reject(queue, tokens(deliveries), base);
    options.observers.notify({ kind: "dropped", at: now, subscriber, systemIds: systemIds(deliveries), reason });
    return;
  }
  const moveTo = { queue: deadLetterQueueName(subscriber.uid), dueAt: now + options.deadLetterDelayMs };
  await options.queue.reject(queue, tokens(deliveries), { ...base, moveTo });
  options.wakeAt(moveTo.queue, moveTo.dueAt);
}

function failedAttempt(outcome: DeliveryOutcome & { kind: "failed" }, at: EpochMs): FailedAttempt {
  const { httpStatus } = outcome;
  return {
    at,
    outcome: outcome.outcome,
    detail: outcome.detail,
    ...(httpStatus === undefined ? {} : { httpStatus }),
  };
}

function tokens(deliveries: readonly LockedDelivery[]): LockedDelivery["lockToken"][] {
  return deliveries.map((delivery) => delivery.lockToken);
}

function systemIds(deliveries: readonly LockedDelivery[]): string[] {
  return deliveries.map((delivery) => delivery.event.systemId);
}
