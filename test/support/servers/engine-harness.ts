import { onTestFinished } from "vitest";
import type { PublishedEvent } from "../../../src/core/event.ts";
import { topicId } from "../../../src/core/resources/resource-id.ts";
import { Engine, type EngineDependencies } from "../../../src/engine/engine.ts";
import type { EngineEvent } from "../../../src/ports/engine-events.ts";
import { SILENT_LOGGER } from "../../../src/ports/logger.ts";
import type { Store } from "../../../src/ports/store.ts";
import { openMemoryStore } from "../../../src/stores/memory/open-memory-store.ts";
import { fastForward, ManualClock } from "../../../src/testing/manual-clock.ts";
import { countingRandom } from "../fixtures/counting-random.ts";
import { desiredTopic } from "../fixtures/desired-resources.ts";
import { ScriptedDestination } from "../fixtures/scripted-destination.ts";

export { desiredDomain, desiredSubscription, desiredTopic } from "../fixtures/desired-resources.ts";
export { makeEvent } from "../fixtures/make-event.ts";
export { failed } from "../fixtures/scripted-destination.ts";

/** A running engine with the memory store, the manual clock and scripted destinations. */
export interface EngineHarness {
  readonly engine: Engine;
  readonly clock: ManualClock;
  readonly store: Store;
  readonly engineEvents: EngineEvent[];
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
  const engineEvents: EngineEvent[] = [];
  engine.observe((event) => engineEvents.push(event));
  await engine.start();
  await engine.controlPlane.put(desiredTopic());
  return {
    engine,
    clock,
    store,
    engineEvents,
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
