import { onTestFinished } from "vitest";
import type { DeliveryOutcome, LockedDelivery } from "../../../src/core/delivery.ts";
import type { PublishedEvent } from "../../../src/core/event.ts";
import type { JsonObject } from "../../../src/core/json.ts";
import { domainId, eventSubscriptionId, topicId } from "../../../src/core/resources/resource-id.ts";
import {
  DEFAULT_RETRY_POLICY,
  type DesiredDomain,
  type DesiredEventSubscription,
  type DesiredTopic,
} from "../../../src/core/resources/resources.ts";
import { formatTime, type EpochMs } from "../../../src/core/time.ts";
import { Engine, type EngineDependencies } from "../../../src/engine/engine.ts";
import type {
  DeletionNotice,
  Destination,
  HandshakeOutcome,
  HandshakeRequest,
} from "../../../src/ports/destination.ts";
import type { EngineEvent } from "../../../src/ports/engine-events.ts";
import { SILENT_LOGGER } from "../../../src/ports/logger.ts";
import type { Random } from "../../../src/ports/random.ts";
import type { Store } from "../../../src/ports/store.ts";
import { openMemoryStore } from "../../../src/stores/memory/open-memory-store.ts";
import { fastForward, ManualClock } from "../../../src/testing/manual-clock.ts";

/** A deterministic replacement for randomness: jitter is zero, ids count up. */
export function countingRandom(): Random {
  let count = 0;
  return {
    next: () => 0,
    uuid: () => `00000000-0000-4000-8000-${String((count += 1)).padStart(12, "0")}`,
    secretBytes: (bytes) => new Uint8Array(bytes).fill(7),
  };
}

/** One delivery attempt as a receiver saw it. */
export interface Attempt {
  readonly at: EpochMs;
  readonly ids: readonly string[];
  readonly counts: readonly number[];
}

/** A destination with scripted responses, which records what it receives. */
export class ScriptedDestination implements Destination {
  readonly attempts: Attempt[] = [];
  readonly handshakes: HandshakeRequest[] = [];
  readonly deletions: DeletionNotice[] = [];
  /** Delivered batches with their complete deliveries. */
  readonly batches: (readonly LockedDelivery[])[] = [];
  answer: (batch: readonly LockedDelivery[], signal: AbortSignal) => DeliveryOutcome | Promise<DeliveryOutcome>;
  consent: () => HandshakeOutcome | Promise<HandshakeOutcome> = () => ({ kind: "validated", detail: "scripted" });

  constructor(answer: ScriptedDestination["answer"] = () => ({ kind: "accepted" })) {
    this.answer = answer;
  }

  async deliver(batch: readonly LockedDelivery[], now: EpochMs, signal: AbortSignal): Promise<DeliveryOutcome> {
    const ids = batch.map(({ event }) => event.id);
    this.attempts.push({ at: now, ids, counts: batch.map(({ deliveryCount }) => deliveryCount) });
    this.batches.push(batch);
    return this.answer(batch, signal);
  }

  async handshake(request: HandshakeRequest): Promise<HandshakeOutcome> {
    this.handshakes.push(request);
    return this.consent();
  }

  async subscriptionDeleted(notice: DeletionNotice, signal: AbortSignal): Promise<DeliveryOutcome> {
    this.deletions.push(notice);
    return this.answer([], signal);
  }

  async close(): Promise<void> {}
}

export function failed(httpStatus: number): DeliveryOutcome {
  return { kind: "failed", outcome: "GenericError", httpStatus, detail: `answered ${httpStatus}` };
}

let sequence = 0;
/** Creates an Event Grid event as the decoder would. */
export function makeEvent(
  { topic = topicId("orders"), ...fields }: JsonObject & { readonly topic?: string } = {},
  publishedAt: EpochMs = new ManualClock().now(),
): PublishedEvent {
  const id = `event-${(sequence += 1)}`;
  const body = {
    id,
    topic,
    subject: "orders/1",
    eventType: "Order.Placed",
    eventTime: formatTime(0),
    data: {},
    dataVersion: "",
    metadataVersion: "1",
    ...fields,
  };
  return {
    body,
    envelope: {
      systemId: `system-${sequence}`,
      schema: "EventGridSchema",
      topic: body.topic,
      id: body.id,
      type: body.eventType,
      subject: body.subject,
      time: body.eventTime,
      dataVersion: "",
      publishedAt,
      json: new TextEncoder().encode(JSON.stringify(body)),
    },
  };
}

export function desiredTopic(name = "orders"): DesiredTopic {
  return {
    id: topicId(name),
    name,
    type: "Microsoft.EventGrid/topics",
    location: "local",
    properties: { inputSchema: "EventGridSchema" },
  };
}

export function desiredDomain(name = "shops", properties: Partial<DesiredDomain["properties"]> = {}): DesiredDomain {
  return {
    id: domainId(name),
    name,
    type: "Microsoft.EventGrid/domains",
    location: "local",
    properties: { inputSchema: "EventGridSchema", ...properties },
  };
}

export function desiredSubscription(
  name: string,
  properties: Partial<DesiredEventSubscription["properties"]> = {},
  source: string = topicId("orders"),
): DesiredEventSubscription {
  return {
    id: eventSubscriptionId(source, name),
    name,
    type: "Microsoft.EventGrid/eventSubscriptions",
    location: "local",
    properties: {
      topic: source,
      destination: { endpointType: "WebHook", properties: { endpointUrl: `http://127.0.0.1:9/${name}` } },
      filter: {},
      retryPolicy: DEFAULT_RETRY_POLICY,
      eventDeliverySchema: "EventGridSchema",
      ...properties,
    },
  };
}

/** A running engine with the memory store, the manual clock and scripted destinations. */
export interface EngineHarness {
  readonly engine: Engine;
  readonly clock: ManualClock;
  readonly store: Store;
  readonly told: EngineEvent[];
  /** Returns the destination of a subscription by name. Creates it on first use. */
  destination(name: string): ScriptedDestination;
  deadLetters(name: string): ScriptedDestination;
  publish(...events: PublishedEvent[]): Promise<void>;
  fastForward(ms: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startEngine(overrides: Partial<EngineDependencies> = {}): Promise<EngineHarness> {
  const clock = new ManualClock();
  const store = overrides.store ?? openMemoryStore();
  const open = new Map<string, ScriptedDestination>();
  const scripted = (key: string): ScriptedDestination => {
    const destination = open.get(key) ?? new ScriptedDestination();
    open.set(key, destination);
    return destination;
  };
  const engine = new Engine({
    store,
    clock,
    random: countingRandom(),
    logger: SILENT_LOGGER,
    limits: { attempts: 100, attemptsPerSubscription: 10, lockMs: 120_000 },
    enforceHandshake: false,
    maxProbationMs: 0,
    validationUrl: (name, code) => `http://ringmain/eventsubscriptions/${name}/validate?id=${code}`,
    encodeSystemEvents: () => [],
    destinations: {
      open: ({ name }) => scripted(name),
      openDeadLetter: ({ name, deadLetterDestination }) => deadLetterDestination && scripted(`${name}/deadletter`),
    },
    ...overrides,
  });
  const told: EngineEvent[] = [];
  engine.observe((event) => told.push(event));
  await engine.start();
  await engine.controlPlane.put(desiredTopic());
  return {
    engine,
    clock,
    store,
    told,
    destination: scripted,
    deadLetters: (name) => scripted(`${name}/deadletter`),
    publish: (...events) => engine.publish(topicId("orders"), events),
    fastForward: (ms) => fastForward(clock, () => engine.idle(), ms),
    stop: () => engine.stop(AbortSignal.abort()),
  };
}

/** Starts an engine for the running test, and stops it when the test ends. See {@link startEngine}. */
export async function startEngineOfTest(...[overrides]: Parameters<typeof startEngine>): Promise<EngineHarness> {
  const harness = await startEngine(overrides);
  onTestFinished(() => harness.stop());
  return harness;
}
