import type { LockedDelivery, QueueName } from "../../core/delivery.ts";
import { assertNever, toError } from "../../core/errors.ts";
import { SECOND_MS, type EpochMs } from "../../core/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { DeliveryQueue } from "../../ports/delivery-queue.ts";
import type { Logger } from "../../ports/logger.ts";
import { background } from "../background.ts";
import type { BatchHandler } from "./batch-handler.ts";
import { DueSchedule } from "./due-schedule.ts";
import { Lane } from "./lane.ts";
import { selectBatches } from "./select-batches.ts";

/** Limits on concurrent attempts. */
export interface DispatchLimits {
  /** Maximum number of concurrent attempts for one subscription. */
  readonly attemptsPerSubscription: number;
  /** Maximum number of concurrent attempts for all subscriptions together. */
  readonly attempts: number;
  /**
   * Lock time of received deliveries in milliseconds. Must exceed the longest time that a delivery can spend here:
   * several attempts in sequence, if one receive returned more batches than there are slots.
   */
  readonly lockMs: number;
}

/** Collaborators of the dispatcher. */
export interface DispatcherDependencies {
  readonly queue: DeliveryQueue;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: DispatchLimits;
  /** Returns the handler of a queue, or `undefined` if its subscription does not exist. */
  readonly resolve: (queue: QueueName) => BatchHandler | undefined;
}

/** A batch, and the function to call once it has been settled. */
interface Batch {
  readonly deliveries: readonly LockedDelivery[];
  readonly end: () => void;
}

/** Time after which a queue is received from again when the store has failed. */
const STORE_RETRY_MS = SECOND_MS;
/** Maximum number of queues that are remembered although no subscription is known for them yet. */
const MAX_UNCLAIMED = 10_000;

/**
 * Receives deliveries from the queues when they fall due, and passes them to the handlers, within limits.
 *
 * Each queue has a {@link Lane}. A look is one receive from a queue. It first reserves attempt slots, which then
 * attempt the received batches one after another.
 *
 * A hint from the store, a due time or a free slot makes a lane ready. Ready lanes are served in turn, one look each,
 * while slots are free, so no subscription can starve another. A lane without a free slot, or held by its handler,
 * waits until a slot is released or the hold ends. Hints only shorten the wait; they may be lost. The schedule of due
 * times, which is filled from the store at the start and after every look that received no deliveries, ensures that
 * every delivery is attempted.
 *
 * After {@link stop} no look starts. Batches that have been received but not attempted are released.
 * Measured in docs/hot-path.md.
 */
export class Dispatcher {
  readonly #dependencies: DispatcherDependencies;
  readonly #lanes = new Map<QueueName, Lane>();
  readonly #ready = new Set<Lane>();
  readonly #schedule = new DueSchedule();
  /** Queues that became available before their subscription was known, as happens if several nodes share a store. */
  readonly #unclaimed = new Set<QueueName>();
  readonly #attempts = new AbortController();
  readonly #stopping = new AbortController();
  #wakeup = new AbortController();
  #busy = 0;
  /** Whether serving the ready lanes has been scheduled for this turn of the event loop. */
  #serving = false;
  /** Number of looks and attempts in progress. */
  #active = 0;
  #idleWaiters: (() => void)[] = [];
  #unsubscribe: (() => void) | undefined;

  constructor(dependencies: DispatcherDependencies) {
    this.#dependencies = dependencies;
  }

  /** Schedules the queues that have deliveries, and starts dispatching. */
  async start(): Promise<void> {
    this.#unsubscribe ??= this.#dependencies.queue.onAvailable((queue) => this.wake(queue));
    for (const { queue, nextDueAt } of await this.#dependencies.queue.occupiedQueues())
      this.#schedule.add(queue, nextDueAt);
    background(this.#followSchedule(), "dispatch_schedule", this.#dependencies.logger);
  }

  /**
   * Stops receiving. Waits for attempts in progress, and aborts them when `deadline` is aborted; at once where they wait
   * for readers.
   */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#unsubscribe?.();
    this.#stopping.abort();
    this.#ready.clear();
    const abort = (): void => this.#attempts.abort();
    if (deadline.aborted) abort();
    deadline.addEventListener("abort", abort, { once: true });
    await this.#whenInactive();
    for (const lane of this.#lanes.values()) {
      lane.abandon();
      await lane.handler.close();
    }
    this.#lanes.clear();
  }

  /** Receives from a queue as soon as possible: it may have due deliveries. */
  wake(queue: QueueName): void {
    if (this.#stopping.signal.aborted) return;
    const lane = this.#laneOf(queue);
    if (lane !== undefined) this.#markReady(lane);
    else if (this.#unclaimed.size < MAX_UNCLAIMED) this.#unclaimed.add(queue);
  }

  /** Dispatches a queue from now on because its subscription is known now. Hints that came earlier take effect. */
  claim(queue: QueueName): void {
    if (this.#unclaimed.delete(queue)) this.wake(queue);
  }

  /** Receives from a queue at `at`, when a delivery falls due. A property, because it is passed on as a callback. */
  readonly wakeAt = (queue: QueueName, at: EpochMs): void => {
    if (this.#schedule.add(queue, at)) {
      this.#wakeup.abort();
    }
  };

  /** Replaces the handler of a queue after its subscription has changed or has been deleted. */
  async refresh(queue: QueueName): Promise<void> {
    const lane = this.#lanes.get(queue);
    if (lane === undefined) {
      const next = await this.#dependencies.queue.nextDueAt(queue);
      if (next !== undefined) this.wakeAt(queue, next);
      return;
    }
    const retired = lane.handler;
    const handler = this.#dependencies.resolve(queue);
    if (handler === undefined) {
      this.#lanes.delete(queue);
      this.#ready.delete(lane);
      this.#schedule.delete(queue);
      lane.abandon();
    } else {
      lane.handler = handler;
      this.#markReady(lane);
    }
    await retired.close();
  }

  /** Resolves when nothing is in progress and no known delivery is due. Deliveries that fall due later do not count. */
  async idle(): Promise<void> {
    while (this.#active > 0 || this.#ready.size > 0 || this.#schedule.earliest() <= this.#dependencies.clock.now()) {
      this.#wakeDue();
      await this.#whenInactive();
    }
  }

  /** Resolves when every delivery that was in the queues and due at `at` has been attempted once more or given up. */
  async settled(at: EpochMs): Promise<void> {
    const waits = new Map<Lane, Promise<void>>();
    for (const lane of this.#lanes.values()) {
      if (!lane.quiet || this.#ready.has(lane)) waits.set(lane, lane.settledUpTo(at));
    }
    for (const { queue, nextDueAt } of await this.#dependencies.queue.occupiedQueues()) {
      const lane = nextDueAt <= at ? this.#laneOf(queue) : undefined;
      if (lane !== undefined && !waits.has(lane)) waits.set(lane, lane.settledUpTo(at));
    }
    for (const lane of waits.keys()) this.#markReady(lane);
    await Promise.all(waits.values());
  }

  #laneOf(queue: QueueName): Lane | undefined {
    const known = this.#lanes.get(queue);
    if (known !== undefined) return known;
    const handler = this.#dependencies.resolve(queue);
    if (handler === undefined) return undefined;
    const lane = new Lane(queue, handler);
    this.#lanes.set(queue, lane);
    return lane;
  }

  async #followSchedule(): Promise<void> {
    const stop = this.#stopping.signal;
    while (!stop.aborted) {
      this.#wakeDue();
      this.#wakeup = new AbortController();
      const interrupted = AbortSignal.any([stop, this.#wakeup.signal]);
      try {
        await this.#dependencies.clock.sleepUntil(this.#schedule.earliest(), interrupted);
      } catch (thrown) {
        if (!interrupted.aborted) throw thrown;
      }
    }
  }

  #wakeDue(): void {
    for (const queue of this.#schedule.takeDue(this.#dependencies.clock.now())) this.wake(queue);
  }

  #markReady(lane: Lane): void {
    lane.again = true;
    if (lane.receiving || this.#stopping.signal.aborted) return;
    this.#ready.add(lane);
    this.#serveReady();
  }

  #serveReady(): void {
    const { limits } = this.#dependencies;
    for (const lane of this.#ready) {
      const free = limits.attempts - this.#busy;
      if (free <= 0) return;
      this.#ready.delete(lane);
      const slots = Math.min(free, this.#slotsOf(lane));
      // A full or held lane keeps `again`. A released slot, or the end of the hold, makes it ready again.
      if (slots > 0) this.#launch(lane, slots);
    }
  }

  /** Returns the number of attempts that a lane may start now. */
  #slotsOf(lane: Lane): number {
    const admission = lane.handler.admission();
    switch (admission.kind) {
      case "open":
        return this.#dependencies.limits.attemptsPerSubscription - lane.busy;
      case "trial":
        return lane.busy === 0 ? 1 : 0;
      case "held":
        if (!Number.isFinite(admission.until)) return 0;
        this.wakeAt(lane.queue, admission.until);
        lane.delay();
        return 0;
      default:
        return assertNever(admission);
    }
  }

  #launch(lane: Lane, slots: number): void {
    lane.again = false;
    lane.receiving = true;
    this.#reserveSlots(lane, slots);
    this.#active += 1;
    background(this.#look(lane, slots), "dispatch_look", this.#dependencies.logger);
  }

  /** Receives deliveries for the reserved slots and starts their attempts. Releases the slots that are not needed. */
  async #look(lane: Lane, slots: number): Promise<void> {
    const { queue, clock, limits } = this.#dependencies;
    const { handler } = lane;
    const waiters = lane.waitersBeforeLook();
    const now = clock.now();
    let received: LockedDelivery[] = [];
    try {
      received = await queue.receive(lane.queue, {
        max: slots * handler.batching.maxEvents,
        maxBytes: slots * handler.batching.preferredBytes,
        lockMs: limits.lockMs,
        now,
      });
      if (received.length === 0) await this.#scheduleNext(lane);
    } catch (thrown) {
      this.#dependencies.logger.error("receive_failed", { queue: lane.queue, error: toError(thrown).message });
      this.wakeAt(lane.queue, now + STORE_RETRY_MS);
    }
    const batches = selectBatches(received, handler.batching).map((deliveries) => ({
      deliveries,
      end: lane.begin(deliveries, now),
    }));
    const workers = Math.min(slots, batches.length);
    this.#releaseSlots(lane, slots - workers);
    lane.receiving = false;
    for (let worker = 0; worker < workers; worker += 1) this.#startWorker(lane, handler, batches);
    lane.afterLook(waiters, received);
    if (received.length > 0) lane.again = true;
    this.#serveSoon(lane);
    this.#endActivity();
  }

  async #scheduleNext(lane: Lane): Promise<void> {
    const next = await this.#dependencies.queue.nextDueAt(lane.queue);
    if (next !== undefined) this.wakeAt(lane.queue, next);
  }

  #startWorker(lane: Lane, handler: BatchHandler, batches: Batch[]): void {
    this.#active += 1;
    background(this.#work(lane, handler, batches), "dispatch_attempt", this.#dependencies.logger);
  }

  async #work(lane: Lane, handler: BatchHandler, batches: Batch[]): Promise<void> {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      try {
        await this.#attempt(lane.queue, handler, batch.deliveries);
      } catch (thrown) {
        this.#dependencies.logger.error("settle_failed", { queue: lane.queue, error: toError(thrown).message });
        this.wakeAt(lane.queue, this.#dependencies.clock.now() + this.#dependencies.limits.lockMs);
      } finally {
        batch.end();
      }
    }
    this.#releaseSlots(lane, 1);
    this.#serveSoon(lane);
    this.#endActivity();
  }

  /**
   * Serves the ready lanes after this turn of the event loop, so that one look fills all slots that are released in
   * it.
   */
  #serveSoon(lane: Lane): void {
    if (this.#stopping.signal.aborted) return;
    if (lane.again && !lane.receiving) this.#ready.add(lane);
    if (this.#ready.size === 0 || this.#serving) return;
    this.#serving = true;
    this.#active += 1;
    setImmediate(() => {
      this.#serving = false;
      this.#serveReady();
      this.#endActivity();
    });
  }

  #attempt(queue: QueueName, handler: BatchHandler, deliveries: readonly LockedDelivery[]): Promise<unknown> {
    if (!this.#stopping.signal.aborted) {
      const { signal } = handler.waitsForReaders === true ? this.#stopping : this.#attempts;
      return handler.handle(queue, deliveries, signal);
    }
    const now = this.#dependencies.clock.now();
    const tokens = deliveries.map((delivery) => delivery.lockToken);
    return this.#dependencies.queue.release(queue, tokens, { now, dueAt: now });
  }

  #reserveSlots(lane: Lane, slots: number): void {
    lane.busy += slots;
    this.#busy += slots;
  }

  #releaseSlots(lane: Lane, slots: number): void {
    lane.busy -= slots;
    this.#busy -= slots;
  }

  #endActivity(): void {
    this.#active -= 1;
    if (this.#active > 0) return;
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const done of waiters) done();
  }

  async #whenInactive(): Promise<void> {
    if (this.#active === 0) return;
    await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }
}
