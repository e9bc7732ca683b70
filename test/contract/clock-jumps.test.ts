import { afterEach, describe, expect, it } from "vitest";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../src/core/time.ts";
import {
  desiredSubscription,
  failed,
  makeEvent,
  startEngine,
  type EngineHarness,
} from "../support/servers/engine-harness.ts";
import { openLmdb, openMemory } from "./store-openers.ts";

const deadLetterDestination = { endpointType: "Folder", properties: { path: "unused" } } as const;
const EVENTS = 20;

const releases: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const release of releases.splice(0).toReversed()) await release();
});

/** Returns the number of attempts since a point, by time. */
function attemptsAfter(harness: EngineHarness, first: number): number[] {
  return harness
    .destination("one")
    .attempts.slice(first)
    .map(({ at }) => at);
}

async function set(harness: EngineHarness, at: number): Promise<void> {
  harness.clock.moveTo(at);
  await harness.fastForward(0);
}

describe.each([
  ["memory", openMemory],
  ["lmdb", openLmdb],
] as const)("%s: the clock is set while retries wait", (_name, open) => {
  /** Starts an engine with events whose first attempt has failed. The retry is due after ten seconds. */
  async function start(): Promise<EngineHarness> {
    const { store, dispose } = await open();
    const harness = await startEngine({ store });
    releases.push(dispose, () => harness.stop());
    const { engine, clock } = harness;
    await engine.controlPlane.put(desiredSubscription("one", { deadLetterDestination }));
    harness.destination("one").answer = () => failed(500);
    await harness.publish(...Array.from({ length: EVENTS }, () => makeEvent({}, clock.now())));
    await engine.idle();
    expect(harness.destination("one").attempts).toHaveLength(EVENTS);
    return harness;
  }

  it("forward by less than the time to live: all events are retried at once, and only once", async () => {
    const harness = await start();
    harness.destination("one").answer = () => ({ kind: "accepted" });
    const jumped = harness.clock.now() + 23 * HOUR_MS;
    await set(harness, jumped);
    expect(attemptsAfter(harness, EVENTS)).toEqual(Array.from({ length: EVENTS }, () => jumped));
    expect(await harness.store.queue.occupiedQueues()).toEqual([]);
  });

  it("forward by more than a day: expired events are dead-lettered, and no event is lost", async () => {
    const harness = await start();
    await set(harness, harness.clock.now() + 24 * HOUR_MS + MINUTE_MS);
    expect(attemptsAfter(harness, EVENTS)).toEqual([]);
    await harness.fastForward(HOUR_MS);
    expect(harness.deadLetters("one").attempts.flatMap(({ ids }) => ids)).toHaveLength(EVENTS);
    expect(await harness.store.queue.occupiedQueues()).toEqual([]);
  });

  it("back by an hour: retries keep their time, new events are delivered at once, and no event is lost", async () => {
    const harness = await start();
    const { clock, engine } = harness;
    const due = clock.now() + 10 * SECOND_MS;
    await set(harness, clock.now() - HOUR_MS);
    harness.destination("one").answer = () => ({ kind: "accepted" });
    const fresh = makeEvent({}, clock.now());
    await harness.publish(fresh);
    await engine.idle();
    expect(attemptsAfter(harness, EVENTS)).toEqual([clock.now()]);
    await harness.fastForward(HOUR_MS + 9 * SECOND_MS);
    expect(attemptsAfter(harness, EVENTS + 1)).toEqual([]);
    await harness.fastForward(MINUTE_MS);
    const retries = attemptsAfter(harness, EVENTS + 1);
    expect(retries).toHaveLength(EVENTS);
    for (const at of retries) expect(at).toBeGreaterThanOrEqual(due);
    expect(await harness.store.queue.occupiedQueues()).toEqual([]);
  });

  it("forth and back: events that were retried early are not retried again before their time, and no event is lost", async () => {
    const harness = await start();
    const { clock } = harness;
    const began = clock.now();
    await set(harness, began + 6 * HOUR_MS);
    // Retried once at that time, and refused. Then the clock is set back.
    const early = attemptsAfter(harness, EVENTS);
    expect(early).toHaveLength(EVENTS);
    await set(harness, began + SECOND_MS);
    expect(attemptsAfter(harness, 2 * EVENTS)).toEqual([]);
    harness.destination("one").answer = () => ({ kind: "accepted" });
    await harness.fastForward(6 * HOUR_MS + MINUTE_MS);
    const attempts = attemptsAfter(harness, 2 * EVENTS);
    expect(attempts).toHaveLength(EVENTS);
    for (const at of attempts) expect(at).toBeGreaterThanOrEqual(began + 6 * HOUR_MS + 30 * SECOND_MS);
    expect(await harness.store.queue.occupiedQueues()).toEqual([]);
  });

  it("back during an attempt: the attempt is settled, and failed events are retried", async () => {
    const harness = await start();
    const { clock, engine } = harness;
    let end: (() => void)[] = [];
    harness.destination("one").answer = () =>
      new Promise((resolve) => end.push(() => resolve(end.length % 2 === 0 ? { kind: "accepted" } : failed(500))));
    clock.moveTo(clock.now() + 11 * SECOND_MS);
    // One subscription has ten concurrent attempts.
    for (let round = 0; round < EVENTS / 10; round += 1) {
      while (end.length < 10) await new Promise((resolve) => setImmediate(resolve));
      const ends = end;
      clock.moveTo(clock.now() - 10 * MINUTE_MS);
      for (const one of ends) one();
      end = [];
      clock.moveTo(clock.now() + 10 * MINUTE_MS);
    }
    await engine.idle();
    harness.destination("one").answer = () => ({ kind: "accepted" });
    await harness.fastForward(HOUR_MS);
    expect(await harness.store.queue.occupiedQueues()).toEqual([]);
    const accepted = new Set(
      harness
        .destination("one")
        .batches.flat()
        .map(({ event }) => event.id),
    );
    expect(accepted.size).toBe(EVENTS);
  });
});
