import { afterEach, describe, expect, it } from "vitest";
import { EntraTokens } from "../../src/auth/entra-token.ts";
import { RoleAssignments } from "../../src/auth/role-assignments.ts";
import { topicId } from "../../src/core/resources/resource-id.ts";
import { HttpServer } from "../../src/http/server.ts";
import { SILENT_LOGGER } from "../../src/ports/logger.ts";
import { startTestRingmain } from "../../src/testing/start-test-ringmain.ts";
import { localEvaluator } from "../../src/resource-manager/template/local-evaluator.ts";
import { NO_STORAGE } from "../support/servers/arm-app.ts";
import { Receiver } from "../support/servers/receiver.ts";
import { desiredSubscription, desiredTopic, makeEvent, startEngine } from "../support/servers/engine-harness.ts";
import { queueName, storedEvent } from "./store-events.ts";
import { openLmdb, openMemory } from "./store-openers.ts";

const NOW = 1_767_225_600_000;
const key1 = Buffer.from("a key for tests of backpressure!").toString("base64");
const [a, b, c] = [queueName("queue-a"), queueName("queue-b"), queueName("queue-c")];

const releases: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const release of releases.splice(0).toReversed()) await release();
});

describe.each([
  ["memory", openMemory],
  ["lmdb", openLmdb],
] as const)("%s: the number of deliveries in all queues", (_name, open) => {
  it("follows every step, and a restart", async () => {
    const { store, reopen, dispose } = await open();
    releases.push(dispose);
    const { queue } = store;
    const items = ["1", "2", "3"].map((id) => ({ event: storedEvent(id), to: [a, b] }));
    await queue.enqueue(items, NOW);
    expect(queue.size?.()).toBe(6);
    const [first, second, third] = await queue.receive(a, { max: 3, lockMs: 60_000, now: NOW });
    if (!first || !second || !third) throw new Error("not received");
    expect(queue.size?.()).toBe(6);
    await queue.acknowledge(a, [first.lockToken], NOW);
    await queue.release(a, [second.lockToken], { now: NOW, dueAt: NOW + 1 });
    expect(queue.size?.()).toBe(5);
    const moveTo = { queue: c, dueAt: NOW };
    await queue.reject(a, [third.lockToken], { now: NOW, reason: "TimeToLiveExceeded", moveTo });
    expect(queue.size?.()).toBe(5);
    await queue.removeQueue(b);
    expect(queue.size?.()).toBe(2);
    await Promise.all([queue.enqueue(items, NOW), queue.removeQueue(c)]);
    expect(queue.size?.()).toBe(7);
    const again = await reopen();
    expect(again.queue.size?.()).toBe(7);
  });
});

describe("server.maxWaitingDeliveries", () => {
  it("is exceeded at most by the request that reaches it, with any number of concurrent publishers", async () => {
    const { store, dispose } = await openLmdb();
    const harness = await startEngine({ store, maxWaitingDeliveries: 5 });
    releases.push(dispose, () => harness.stop());
    await harness.engine.controlPlane.put(desiredSubscription("one"));
    await harness.engine.controlPlane.put(desiredSubscription("two"));
    let answer: (() => void)[] = [];
    for (const name of ["one", "two"]) {
      harness.destination(name).answer = () =>
        new Promise((resolve) => answer.push(() => resolve({ kind: "accepted" })));
    }
    const results = await Promise.allSettled(Array.from({ length: 40 }, () => harness.publish(makeEvent())));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    for (const result of results.slice(3)) expect(result).toMatchObject({ reason: { code: "store_full" } });
    expect(harness.store.queue.size?.()).toBe(6);
    // Refused events were not stored. There is room as soon as deliveries end.
    while (answer.length < 6) await new Promise((resolve) => setImmediate(resolve));
    for (const end of answer) end();
    answer = [];
    while (harness.store.queue.size?.() !== 0) await new Promise((resolve) => setImmediate(resolve));
    await harness.publish(makeEvent());
    while (answer.length < 2) await new Promise((resolve) => setImmediate(resolve));
    for (const end of answer) end();
  });

  it("does not refuse unmatched events or the events of a source", async () => {
    const systemEvent = makeEvent();
    const harness = await startEngine({ maxWaitingDeliveries: 1, encodeSystemEvents: () => [systemEvent] });
    releases.push(() => harness.stop());
    await harness.engine.controlPlane.put(
      desiredSubscription("one", { filter: { includedEventTypes: ["Order.Placed"] } }),
    );
    harness.destination("one").answer = (_batch, signal) =>
      new Promise((resolve) => {
        const detail = "aborted";
        signal.addEventListener("abort", () => resolve({ kind: "failed", outcome: "Aborted", detail }));
      });
    await harness.publish(makeEvent());
    await expect(harness.publish(makeEvent())).rejects.toMatchObject({ code: "store_full" });
    await harness.publish(makeEvent({ eventType: "Order.Paid" }));
    await harness.engine.publishSystemEvents(topicId("orders"), []);
    expect(harness.store.queue.size?.()).toBe(2);
  });

  it("refuses publishers with Azure's error and a time to retry", async () => {
    const receiver = await Receiver.start();
    releases.push(() => receiver.stop());
    receiver.answer = () => 500;
    const destination = { endpointType: "WebHook" as const, properties: { endpointUrl: receiver.url } };
    const ringmain = await startTestRingmain({
      config: {
        server: { maxWaitingDeliveries: 2 },
        topics: [
          { name: "orders", inputSchema: "EventGridSchema", key1, subscriptions: [{ name: "one", destination }] },
        ],
      },
    });
    releases.push(() => ringmain.stop());
    const publish = (): Promise<Response> =>
      fetch(ringmain.topics[0]?.endpoint ?? "", {
        method: "POST",
        headers: { "aeg-sas-key": key1 },
        body: JSON.stringify([{ id: "1", subject: "s", eventType: "t", eventTime: "2026-01-01T00:00:00Z" }]),
      });
    expect((await publish()).status).toBe(200);
    expect((await publish()).status).toBe(200);
    const refused = await publish();
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(await refused.json()).toMatchObject({
      error: {
        code: "ServiceUnavailable",
        message: expect.stringContaining("2 deliveries are waiting") as string,
        details: [{ code: "ServerBusy" }],
      },
    });
  });
});

describe("server.bodyMegabytesInFlight", () => {
  it("counts a body until its events are stored, so that a slow store does not fill the memory", async () => {
    const harness = await startEngine();
    releases.push(() => harness.stop());
    const { engine, clock } = harness;
    await engine.controlPlane.put({ ...desiredTopic(), keys: { key1 } });
    await engine.controlPlane.put(desiredSubscription("one"));
    const storing: (() => void)[] = [];
    harness.store.queue.enqueue = () => new Promise((resolve) => storing.push(resolve));
    const server = new HttpServer({
      streams: { connect: () => () => {} },
      alerts: () => [],
      engine,
      clock,
      random: { next: Math.random, uuid: () => crypto.randomUUID(), secretBytes: (bytes) => new Uint8Array(bytes) },
      logger: SILENT_LOGGER,
      storage: NO_STORAGE,
      templates: localEvaluator,
      version: "test",
      admin: { kind: "local" },
      metrics: { access: { kind: "nobody" }, contentType: "text/plain", text: async () => "" },
      readiness: () => ({ health: "ready", waitingFor: "" }),
      tokenAccess: { tokens: new EntraTokens({ issuers: [], audiences: [] }), roles: new RoleAssignments() },
      tls: { current: () => Promise.reject(new Error("not here")) },
      makeBackup: () => Promise.reject(new Error("not here")),
      limits: { connections: 100, bodyBytesInFlight: 3_000_000, requestTimeoutMs: 60_000 },
    });
    releases.push(() => server.close(AbortSignal.abort()));
    const { url } = await server.listen("127.0.0.1", 0);
    const publish = (): Promise<number> =>
      fetch(`${url}/topics/orders/api/events`, {
        method: "POST",
        headers: { "aeg-sas-key": key1 },
        body: JSON.stringify([
          { id: "1", subject: "s", eventType: "t", eventTime: "2026-01-01T00:00:00Z", data: "x".repeat(999_000) },
        ]),
      }).then(({ status }) => status);
    const waiting = [publish(), publish(), publish()];
    while (storing.length < 3) await new Promise((resolve) => setImmediate(resolve));
    expect(await publish()).toBe(429);
    for (const stored of storing.splice(0)) stored();
    expect(await Promise.all(waiting)).toEqual([200, 200, 200]);
    const last = publish();
    while (storing.length < 1) await new Promise((resolve) => setImmediate(resolve));
    for (const stored of storing) stored();
    expect(await last).toBe(200);
  });
});
