import { describe, expect, it } from "vitest";
import {
  desiredSubscription,
  desiredTopic,
  failed,
  makeEvent,
  startEngine,
  startEngineOfTest as start,
} from "../../test/support/servers/engine-harness.ts";
import { RingmainError } from "../core/errors.ts";
import { eventSubscriptionId, topicId } from "../core/resources/resource-id.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../core/time.ts";

const deadLetterDestination = { endpointType: "Folder", properties: { path: "unused" } } as const;

describe("publishing", () => {
  it("delivers to every subscription that matches, and to no other", async () => {
    const harness = await start();
    await harness.engine.controlPlane.put(desiredSubscription("all"));
    await harness.engine.controlPlane.put(
      desiredSubscription("paid", { filter: { includedEventTypes: ["Order.Paid"] } }),
    );
    const event = makeEvent();
    await harness.publish(event);
    await harness.engine.idle();
    expect(harness.destination("all").attempts.map(({ ids }) => ids)).toEqual([[event.envelope.id]]);
    expect(harness.destination("paid").attempts).toEqual([]);
    const published = harness.engineEvents.filter(({ kind }) => kind === "published");
    expect(published).toMatchObject([{ events: 1, deliveries: 1, unmatched: 0 }]);
  });

  it("counts and drops an event that no subscription matches", async () => {
    const harness = await start();
    await harness.publish(makeEvent());
    expect(harness.engineEvents).toMatchObject([{ kind: "published", events: 1, deliveries: 0, unmatched: 1 }]);
    expect(await harness.store.queue.occupiedQueues()).toEqual([]);
  });

  it("rejects with store_unavailable if the deliveries cannot be stored", async () => {
    const harness = await start();
    await harness.engine.controlPlane.put(desiredSubscription("all"));
    harness.store.queue.enqueue = () => Promise.reject(new Error("disk full"));
    await expect(harness.publish(makeEvent())).rejects.toMatchObject({ code: "store_unavailable" });
  });

  it("[EG-SUBSCRIPTION-EXPIRY] sends nothing to a subscription that has expired", async () => {
    const harness = await start();
    const expirationTimeUtc = new Date(harness.clock.now() + MINUTE_MS).toISOString();
    await harness.engine.controlPlane.put(desiredSubscription("short", { expirationTimeUtc }));
    await harness.publish(makeEvent());
    await harness.fastForward(MINUTE_MS);
    await harness.publish(makeEvent());
    await harness.engine.idle();
    expect(harness.destination("short").attempts).toHaveLength(1);
  });
});

describe("retrying", () => {
  it("[EG-RETRY-SCHEDULE] [EG-RETRY-TTL] [EG-DEADLETTER-DELAY] follows the schedule of a day until the dead letter", async () => {
    const harness = await start();
    await harness.engine.controlPlane.put(desiredSubscription("down", { deadLetterDestination }));
    harness.destination("down").answer = () => failed(500);
    const startedAt = harness.clock.now();
    await harness.publish(makeEvent({}, startedAt));
    await harness.fastForward(48 * HOUR_MS);

    const offsets = harness.destination("down").attempts.map(({ at }) => at - startedAt);
    const seconds = [0, 10, 40, 100, 400, 1_000, 2_800, 6_400, 17_200, 38_800, 82_000];
    expect(offsets).toEqual(seconds.map((offset) => offset * SECOND_MS));
    expect(harness.destination("down").attempts.map(({ counts }) => counts[0])).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);

    const [letter] = harness.deadLetters("down").batches.flat();
    expect(letter).toMatchObject({
      deliveryCount: 11,
      deadLetterReason: "TimeToLiveExceeded",
      lastAttempt: { at: startedAt + 82_000 * SECOND_MS, httpStatus: 500 },
    });
    // The time to live ends after 24 h, but is checked only when the twelfth attempt falls due, 12 h after the
    // eleventh.
    expect(harness.deadLetters("down").attempts.map(({ at }) => at - startedAt)).toEqual([
      82_000 * SECOND_MS + 12 * HOUR_MS + 5 * MINUTE_MS,
    ]);
    expect(await harness.store.queue.occupiedQueues()).toEqual([]);
  });

  it("[EG-RETRY-POLICY] dead-letters after the last allowed attempt", async () => {
    const harness = await start();
    const retryPolicy = { maxDeliveryAttempts: 2, eventTimeToLiveInMinutes: 60 };
    await harness.engine.controlPlane.put(desiredSubscription("down", { deadLetterDestination, retryPolicy }));
    harness.destination("down").answer = () => failed(500);
    await harness.publish(makeEvent({}, harness.clock.now()));
    await harness.fastForward(HOUR_MS);
    expect(harness.destination("down").attempts).toHaveLength(2);
    expect(harness.deadLetters("down").batches.flat()).toMatchObject([
      { deliveryCount: 2, deadLetterReason: "MaxDeliveryAttemptsExceeded" },
    ]);
    expect(harness.engineEvents.filter(({ kind }) => kind === "dead-lettered")).toHaveLength(1);
  });

  it("[EG-DEADLETTER-OR-DROP] drops undeliverable events without a dead-letter destination", async () => {
    const harness = await start();
    await harness.engine.controlPlane.put(desiredSubscription("bad"));
    harness.destination("bad").answer = () => failed(400);
    await harness.publish(makeEvent({}, harness.clock.now()));
    await harness.fastForward(HOUR_MS);
    expect(harness.destination("bad").attempts).toHaveLength(1);
    expect(harness.engineEvents).toContainEqual(
      expect.objectContaining({ kind: "dropped", reason: "UndeliverableDueToHttpBadRequest" }),
    );
    expect(await harness.store.queue.occupiedQueues()).toEqual([]);
  });

  it("[EG-BATCH-OUT] retries a whole batch if its request fails", async () => {
    const harness = await start();
    const destination = {
      endpointType: "WebHook",
      properties: { endpointUrl: "http://127.0.0.1:9/", maxEventsPerBatch: 10 },
    } as const;
    await harness.engine.controlPlane.put(desiredSubscription("batched", { destination }));
    harness.destination("batched").answer = () => failed(500);
    const events = Array.from({ length: 3 }, () => makeEvent({}, harness.clock.now()));
    await harness.publish(...events);
    await harness.engine.idle();
    harness.destination("batched").answer = () => ({ kind: "accepted" });
    await harness.fastForward(10 * SECOND_MS);
    const ids = events.map(({ envelope }) => envelope.id);
    expect(harness.destination("batched").attempts.map((attempt) => attempt.ids)).toEqual([ids, ids]);
  });
});

describe("concurrency", () => {
  it("never exceeds the limits, per subscription and in total, and serves every subscription", async () => {
    const harness = await start({ limits: { attempts: 5, attemptsPerSubscription: 3, lockMs: 120_000 } });
    const names = ["one", "two", "three"];
    let total = 0;
    let most = 0;
    const mostOf = new Map<string, number>();
    for (const name of names) {
      await harness.engine.controlPlane.put(desiredSubscription(name));
      let own = 0;
      harness.destination(name).answer = async () => {
        own += 1;
        total += 1;
        most = Math.max(most, total);
        mostOf.set(name, Math.max(mostOf.get(name) ?? 0, own));
        await new Promise((resolve) => setImmediate(resolve));
        own -= 1;
        total -= 1;
        return { kind: "accepted" };
      };
    }
    const now = harness.clock.now();
    await harness.publish(...Array.from({ length: 50 }, () => makeEvent({}, now)));
    await harness.engine.idle();
    expect(most).toBe(5);
    expect([...mostOf.values()].every((count) => count <= 3)).toBe(true);
    for (const name of names) expect(harness.destination(name).attempts).toHaveLength(50);
  });

  it("releases deliveries that wait for readers as soon as it stops", async () => {
    const harness = await startEngine();
    await harness.engine.controlPlane.put(desiredSubscription("unread"));
    const destination = harness.destination("unread");
    destination.waitsForReaders = true;
    destination.answer = (_batch, signal) =>
      new Promise((resolve) => {
        const aborted = { kind: "failed", outcome: "Aborted", detail: "stopped" } as const;
        signal.addEventListener("abort", () => resolve(aborted), { once: true });
      });
    await harness.publish(makeEvent({}, harness.clock.now()));
    await new Promise((resolve) => setImmediate(resolve));
    expect(destination.attempts).toHaveLength(1);
    // The deadline never comes.
    await harness.engine.stop(new AbortController().signal);
    const [occupied] = await harness.store.queue.occupiedQueues();
    expect(occupied?.nextDueAt).toBe(harness.clock.now());
  });

  it("releases deliveries in progress, without counting the attempt, when it is stopped", async () => {
    const harness = await startEngine();
    await harness.engine.controlPlane.put(desiredSubscription("slow"));
    harness.destination("slow").answer = (_batch, signal) =>
      new Promise((resolve) => {
        const aborted = { kind: "failed", outcome: "Aborted", detail: "stopped" } as const;
        signal.addEventListener("abort", () => resolve(aborted), { once: true });
      });
    await harness.publish(makeEvent({}, harness.clock.now()));
    await new Promise((resolve) => setImmediate(resolve));
    expect(harness.destination("slow").attempts).toHaveLength(1);
    await harness.engine.stop(AbortSignal.abort());
    const [occupied] = await harness.store.queue.occupiedQueues();
    const queue = occupied?.queue;
    expect(queue).toBeDefined();
    if (queue === undefined) return;
    const [delivery] = await harness.store.queue.receive(queue, { max: 1, lockMs: 1, now: harness.clock.now() });
    expect(delivery).toMatchObject({ deliveryCount: 0 });
  });
});

describe("quiesce", () => {
  it("waits for deliveries in progress, but not for events that are published later", async () => {
    const harness = await start();
    await harness.engine.controlPlane.put(desiredSubscription("slow"));
    const gates: (() => void)[] = [];
    harness.destination("slow").answer = async () => {
      await new Promise<void>((resolve) => gates.push(resolve));
      return { kind: "accepted" };
    };
    await harness.publish(makeEvent());
    let quiet = false;
    const quiesced = harness.engine.quiesce().then(() => (quiet = true));
    harness.clock.moveTo(harness.clock.now() + 1);
    await harness.publish(makeEvent());
    await new Promise((resolve) => setImmediate(resolve));
    expect({ quiet, underWay: gates.length }).toEqual({ quiet: false, underWay: 2 });
    gates[0]?.();
    await quiesced;
    expect(quiet).toBe(true);
    gates[1]?.();
  });

  it("does not wait for a retry or for the delay of a dead letter", async () => {
    const harness = await start();
    await harness.engine.controlPlane.put(desiredSubscription("down"));
    await harness.engine.controlPlane.put(desiredSubscription("bad", { deadLetterDestination }));
    harness.destination("down").answer = () => failed(500);
    harness.destination("bad").answer = () => failed(400);
    await harness.publish(makeEvent({}, harness.clock.now()));
    await harness.engine.quiesce();
    expect(harness.destination("down").attempts).toHaveLength(1);
    expect(harness.destination("bad").attempts).toHaveLength(1);
  });

  it("resolves at once if nothing was published", async () => {
    const harness = await start();
    await expect(harness.engine.quiesce()).resolves.toBeUndefined();
  });
});

describe("the control plane", () => {
  it("[EG-SCHEMA-FIXED] refuses to change the delivery schema of a subscription", async () => {
    const harness = await start();
    await harness.engine.controlPlane.put(desiredSubscription("hook"));
    const changed = desiredSubscription("hook", { eventDeliverySchema: "CloudEventSchemaV1_0" });
    await expect(harness.engine.controlPlane.put(changed)).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("writes again if another node was faster, based on the result of that node", async () => {
    const harness = await start();
    const { resources } = harness.store;
    const put = resources.put.bind(resources);
    let races = 2;
    resources.put = async (resource, condition) => {
      if (races > 0) {
        races -= 1;
        await put({ ...resource, tags: { node: `other-${races}` } }, { kind: "any" });
        throw new RingmainError("precondition_failed", "somebody was faster");
      }
      return put(resource, condition);
    };
    const { resource } = await harness.engine.controlPlane.put(desiredTopic("together"));
    expect(resource).toMatchObject({ name: "together" });
    expect((await resources.get(resource.id))?.resource).toEqual(resource);
  });

  it("creates keys once and keeps them", async () => {
    const harness = await start();
    const before = harness.engine.directory.topicByName("ORDERS")?.keys;
    expect(before?.key1).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    const { resource } = await harness.engine.controlPlane.put({
      ...harness.engine.directory.topicByName("orders")!,
      tags: { team: "billing" },
    });
    expect(resource).toMatchObject({ keys: before, tags: { team: "billing" } });
  });

  it("deletes a subscription with its waiting deliveries, which a new one of the same name does not inherit", async () => {
    const harness = await start();
    await harness.engine.controlPlane.put(desiredSubscription("down"));
    harness.destination("down").answer = () => failed(500);
    await harness.publish(makeEvent({}, harness.clock.now()));
    await harness.engine.idle();
    expect(await harness.engine.controlPlane.delete(eventSubscriptionId(topicId("orders"), "DOWN"))).toBe(true);
    expect(await harness.store.queue.occupiedQueues()).toEqual([]);
    await harness.engine.controlPlane.put(desiredSubscription("down"));
    await harness.fastForward(HOUR_MS);
    expect(harness.destination("down").attempts).toHaveLength(1);
  });

  it("deletes resources that a configuration no longer declares, and keeps those of others", async () => {
    const harness = await start();
    const { controlPlane, directory } = harness.engine;
    await controlPlane.put(desiredSubscription("manual"));
    await controlPlane.applyConfiguration([desiredSubscription("one"), desiredSubscription("two")]);
    await controlPlane.applyConfiguration([desiredSubscription("two")]);
    expect(
      directory
        .subscriptionsOf(topicId("orders"))
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(["manual", "two"]);
  });

  it("delivers waiting events to the new endpoint after an update", async () => {
    const harness = await start();
    await harness.engine.controlPlane.put(desiredSubscription("hook"));
    harness.destination("hook").answer = () => failed(500);
    await harness.publish(makeEvent({}, harness.clock.now()));
    await harness.engine.idle();
    harness.destination("hook").answer = () => ({ kind: "accepted" });
    await harness.engine.controlPlane.put(desiredSubscription("hook", { labels: ["changed"] }));
    await harness.fastForward(10 * SECOND_MS);
    expect(harness.destination("hook").attempts.map(({ counts }) => counts)).toEqual([[0], [1]]);
  });
});
