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

/** Bounds on what is attempted at one time. */
export interface DispatchLimits {
  /** Attempts under way for one subscription. */
  readonly attemptsPerSubscription: number;
  /** Attempts under way in all. */
  readonly attempts: number;
  /**
   * How long deliveries are locked for their attempt. Must outlive the longest time one can spend here: a few attempts
   * one behind the other, when a look brought more batches than slots.
   */
  readonly lockMs: number;
}

export interface DispatcherDependencies {
  readonly queue: DeliveryQueue;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: DispatchLimits;
  /** Who handles a queue; `undefined` for a queue whose subscription is gone. */
  readonly resolve: (queue: QueueName) => BatchHandler | undefined;
}

/** One batch and what to call once it has been dealt with. */
interface Batch {
  readonly deliveries: readonly LockedDelivery[];
  readonly end: () => void;
}

/** After the store refused, the queue is looked at again this much later. */
const STORE_RETRY_MS = SECOND_MS;
/** Queues that are remembered although nobody is known yet who handles them. */
const MAX_UNCLAIMED = 10_000;

/**
 * Takes deliveries from the queues when they fall due and hands them on, within bounds.
 *
 * A hint, a due time or a freed slot makes a lane ready; ready lanes are served in turn, one look at a time each, for
 * as long as slots are free, so no subscription can starve another. Hints only shorten waits: the schedule of due
 * times, filled from the store at the start and after every look, is what makes delivery certain.
 * Measured in docs/hot-path.md.
 */
export class Dispatcher {
  readonly #dependencies: DispatcherDependencies;
  readonly #lanes = new Map<QueueName, Lane>();
  readonly #ready = new Set<Lane>();
  readonly #schedule = new DueSchedule();
  /** Told of before their subscriptions, as happens where several nodes share a store. */
  readonly #unclaimed = new Set<QueueName>();
  readonly #attempts = new AbortController();
  readonly #stopping = new AbortController();
  #wakeup = new AbortController();
  #busy = 0;
  /** Ready lanes are about to be served. */
  #serving = false;
  /** Everything under way: looks and attempts. */
  #active = 0;
  #idleWaiters: (() => void)[] = [];
  #unsubscribe: (() => void) | undefined;

  constructor(dependencies: DispatcherDependencies) {
    this.#dependencies = dependencies;
  }

  /** Finds the work that was left, then begins. */
  async start(): Promise<void> {
    this.#unsubscribe ??= this.#dependencies.queue.onAvailable((queue) => this.wake(queue));
    for (const { queue, nextDueAt } of await this.#dependencies.queue.occupiedQueues())
      this.#schedule.add(queue, nextDueAt);
    background(this.#followSchedule(), "dispatch_schedule", this.#dependencies.logger);
  }

  /** Takes no more; lets attempts end until `deadline` is aborted, then aborts them. */
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

  /** Something may be due in this queue now. */
  wake(queue: QueueName): void {
    if (this.#stopping.signal.aborted) return;
    const lane = this.#laneOf(queue);
    if (lane !== undefined) this.#markReady(lane);
    else if (this.#unclaimed.size < MAX_UNCLAIMED) this.#unclaimed.add(queue);
  }

  /** The queue's subscription is known from now on: what was told of the queue before counts now. */
  claim(queue: QueueName): void {
    if (this.#unclaimed.delete(queue)) this.wake(queue);
  }

  /** Something will be due in this queue at `at`. */
  readonly wakeAt = (queue: QueueName, at: EpochMs): void => {
    if (this.#schedule.add(queue, at)) {
      this.#wakeup.abort();
    }
  };

  /** The queue's subscription has changed: from now on it is handled as `resolve` says. */
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

  /** Resolves when nothing is under way and nothing known is due; what waits for a later time does not count. */
  async idle(): Promise<void> {
    while (this.#active > 0 || this.#ready.size > 0 || this.#schedule.earliest() <= this.#dependencies.clock.now()) {
      this.#wakeDue();
      await this.#whenInactive();
    }
  }

  /** Resolves when all that was in the queues and due at `at` has been attempted once more (or given up). */
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
      // A full or held lane stays marked `again`: a freed slot, or the end of the hold, makes it ready once more.
      if (slots > 0) this.#launch(lane, slots);
    }
  }

  /** How many attempts a lane may begin now. */
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

  /** Receives for the reserved slots and sets the batches going; gives back the slots it has no use for. */
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

  /** Slots are free again. Those that come free in the same turn of the event loop are filled by one look. */
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
    if (!this.#stopping.signal.aborted) return handler.handle(queue, deliveries, this.#attempts.signal);
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
