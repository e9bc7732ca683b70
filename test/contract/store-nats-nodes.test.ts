import { connect } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { LockToken, QueueName } from "../../src/core/delivery.ts";
import { topicId } from "../../src/core/resources/resource-id.ts";
import type { ResourceChange } from "../../src/ports/resource-store.ts";
import type { Store } from "../../src/ports/store.ts";
import { emptyNatsStore, type NatsStoreUnderTest } from "../support/servers/run-nats-store.ts";
import { runNats, type RunningNats } from "../support/servers/run-nats.ts";
import { a, attempt, b, ids, LOCK_MS, tokensOf } from "./delivery-queue-steps.ts";
import { put, take, takeSoon, topic } from "./store-nats-steps.ts";

const SHORT_LOCK_MS = 300;

let nats: RunningNats;
beforeAll(async () => {
  nats = await runNats();
});
afterAll(() => nats?.stop());

const node = (store: Store | undefined): Store => {
  if (store === undefined) throw new Error("not open");
  return store;
};

describe("nats: several nodes", () => {
  let subject: NatsStoreUnderTest;
  let [one, two, three]: Store[] = [];
  beforeEach(async () => {
    subject = emptyNatsStore(nats);
    // All at once, as when a cluster starts. All must use the same settings.
    [one, two, three] = await Promise.all([subject.open(), subject.open(), subject.open()]);
  });
  afterEach(() => subject.dispose());

  it("receive at one what another published, and settle it at a third", async () => {
    await put(node(one).queue, [a], "1", "2", "3", "4");
    const tokens = tokensOf(await take(node(two).queue, a));
    const now = Date.now();
    const third = node(three).queue;
    expect(await third.acknowledge(a, tokens.slice(0, 1), now)).toEqual(["settled"]);
    expect(await third.renewLock(a, tokens.slice(1), { now, lockMs: LOCK_MS })).toEqual(
      Array.from({ length: 3 }, () => "settled"),
    );
    expect(await third.release(a, tokens.slice(1, 2), { now, dueAt: now, attempt: attempt(now) })).toEqual(["settled"]);
    const moveTo = { queue: b, dueAt: now };
    const reason = "TimeToLiveExceeded";
    expect(await third.reject(a, tokens.slice(2, 3), { now, reason, moveTo })).toEqual(["settled"]);
    expect(await node(one).queue.acknowledge(a, tokens, now)).toEqual([
      "unknown-token",
      "unknown-token",
      "unknown-token",
      "settled",
    ]);
    expect(await take(node(one).queue, a)).toMatchObject([{ event: { id: "2" }, deliveryCount: 1 }]);
    expect(await take(node(one).queue, b)).toMatchObject([{ event: { id: "3" }, deadLetterReason: reason }]);
  });

  it("get the same secret if they create it at the same time", async () => {
    const nodes = [node(one), node(two), node(three)];
    const secrets = await Promise.all(
      nodes.map((store, index) => store.secrets.obtain("token-key.production", async () => `of node ${index}`)),
    );
    expect(new Set(secrets).size).toBe(1);
  });

  it("respect a lock that another node has renewed beyond the time in its token", async () => {
    await put(node(one).queue, [a], "1");
    const [held] = await take(node(one).queue, a, 1, SHORT_LOCK_MS);
    if (held === undefined) throw new Error("not received");
    const tokens = [held.lockToken];
    await node(two).queue.renewLock(a, tokens, { now: Date.now(), lockMs: LOCK_MS });
    const later = held.lockedUntil + SHORT_LOCK_MS;
    await vi.waitUntil(() => Date.now() > later, { timeout: 5_000 });
    expect(await take(node(three).queue, a)).toEqual([]);
    expect(await node(three).queue.acknowledge(a, tokens, Date.now())).toEqual(["settled"]);
  });

  it("never receive the same delivery at the same time", async () => {
    const names = Array.from({ length: 300 }, (_, index) => String(index));
    await put(node(one).queue, [a], ...names);
    const stores = [node(one), node(two), node(three)];
    const received = await Promise.all(
      stores.flatMap(({ queue }) => Array.from({ length: 10 }, () => take(queue, a, 10))),
    );
    expect(received.flatMap(ids).toSorted()).toEqual(names.toSorted());
  });

  it("settle a token only once, at any node", async () => {
    await put(node(one).queue, [a], "1");
    const tokens = tokensOf(await take(node(one).queue, a));
    const now = Date.now();
    const results = await Promise.all(
      [one, two, three, two, three].map((store) => node(store).queue.acknowledge(a, tokens, now)),
    );
    expect(results.flat().toSorted()).toEqual(["settled", ...Array.from({ length: 4 }, () => "unknown-token")]);
  });

  it("receive the deliveries of a node that has stopped after its locks have expired, when its tokens are no longer valid", async () => {
    await put(node(one).queue, [a], "1", "2");
    const [short] = await take(node(one).queue, a, 1, SHORT_LOCK_MS);
    const [long] = await take(node(one).queue, a, 1);
    if (short === undefined || long === undefined) throw new Error("not received");
    await node(one).close();
    const again = await takeSoon(node(two).queue, a);
    expect(again).toMatchObject([{ event: { id: "1" }, deliveryCount: 0 }]);
    const now = Date.now();
    expect(await node(three).queue.acknowledge(a, [short.lockToken], now)).toEqual(["lock-lost"]);
    await node(two).queue.acknowledge(a, tokensOf(again), now);
    expect(await node(three).queue.acknowledge(a, [short.lockToken], now)).toEqual(["unknown-token"]);
    const claims = await Promise.all(
      [two, three, two].map((store) => node(store).queue.acknowledge(a, [long.lockToken], now)),
    );
    expect(claims.flat().toSorted()).toEqual(["settled", "unknown-token", "unknown-token"]);
    expect(await node(two).queue.occupiedQueues()).toEqual([]);
  });

  it("count a receive whose lock ran out, whichever node receives next, and keep one delivery", async () => {
    await put(node(one).queue, [a], "1");
    for (const [count, from] of [one, two, three, two].entries()) {
      const { queue } = node(from);
      const received = await vi.waitUntil(
        async () => {
          const options = { max: 10, lockMs: SHORT_LOCK_MS, now: Date.now(), counted: true };
          const some = await queue.receive(a, options);
          return some.length > 0 && some;
        },
        { timeout: 10_000, interval: 20 },
      );
      expect(received).toMatchObject([{ event: { id: "1" }, deliveryCount: count }]);
    }
    // The new message is there before the old one has ended.
    await vi.waitUntil(async () => (await node(one).queue.depth(a, Date.now())).waiting === 1, { timeout: 5_000 });
  });

  it("do not count a receive whose lock is renewed at another node", async () => {
    await put(node(one).queue, [a], "1");
    const options = { max: 1, lockMs: SHORT_LOCK_MS, now: Date.now(), counted: true };
    const [held] = await node(one).queue.receive(a, options);
    if (held === undefined) throw new Error("not received");
    const tokens = [held.lockToken];
    await node(two).queue.renewLock(a, tokens, { now: Date.now(), lockMs: LOCK_MS });
    await vi.waitUntil(() => Date.now() > held.lockedUntil + SHORT_LOCK_MS, { timeout: 5_000 });
    const now = Date.now();
    expect(await node(three).queue.release(a, tokens, { now, dueAt: now, counted: true })).toEqual(["settled"]);
    expect(await takeSoon(node(two).queue, a)).toMatchObject([{ deliveryCount: 1 }]);
  });

  it("do not count a receive of a node that has stopped", async () => {
    await put(node(one).queue, [a], "1");
    const options = { max: 1, lockMs: SHORT_LOCK_MS, now: Date.now(), counted: true };
    expect(await node(one).queue.receive(a, options)).toHaveLength(1);
    await node(one).close();
    expect(await takeSoon(node(two).queue, a)).toMatchObject([{ event: { id: "1" }, deliveryCount: 0 }]);
  });

  it("refuse to renew an old lock at any node, and peek at deliveries that others have locked", async () => {
    await put(node(one).queue, [a], "1", "2");
    const [held] = await take(node(one).queue, a, 1);
    if (held === undefined) throw new Error("not received");
    const now = Date.now();
    const renew = { now, lockMs: LOCK_MS, receivedSince: held.receivedAt + 1 };
    expect(await node(two).queue.renewLock(a, [held.lockToken], renew)).toEqual(["renewal-refused"]);
    const peeked = await node(two).queue.peek(a, { max: 10, now });
    expect(peeked.map(({ event }) => event.id)).toEqual(["1", "2"]);
    expect(await node(two).queue.acknowledge(a, [held.lockToken], now, { durable: true })).toEqual(["settled"]);
    expect(await node(three).queue.peek(a, { max: 10, now })).toMatchObject([{ event: { id: "2" } }]);
  });

  it("release and move the deliveries of a node that has stopped, with their attempts and reasons", async () => {
    await put(node(one).queue, [a], "1", "2", "3");
    const tokens = tokensOf(await take(node(one).queue, a));
    await node(one).close();
    const now = Date.now();
    const { queue } = node(two);
    await queue.renewLock(a, tokens, { now, lockMs: LOCK_MS });
    await queue.release(a, tokens.slice(0, 1), { now, dueAt: now, attempt: attempt(now) });
    await queue.release(a, tokens.slice(1, 2), { now, dueAt: now });
    await queue.reject(a, tokens.slice(2), { now, reason: "TimeToLiveExceeded", moveTo: { queue: b, dueAt: now } });
    const received = await take(queue, a);
    const counts = received.map(({ event, deliveryCount }) => `${event.id}: ${deliveryCount}`);
    expect(counts.toSorted()).toEqual(["1: 1", "2: 0"]);
    expect(ids(await take(queue, b))).toEqual(["3"]);
  });

  it("notify each other of available deliveries", async () => {
    const notified: QueueName[] = [];
    node(two).queue.onAvailable((queue) => notified.push(queue));
    await put(node(one).queue, [a, b], "1");
    await vi.waitUntil(() => notified.length === 2);
    expect(notified.toSorted()).toEqual([a, b]);
  });

  it("remove a queue at all nodes", async () => {
    await put(node(one).queue, [a], "1", "2");
    const tokens = tokensOf(await take(node(two).queue, a, 1));
    await node(one).queue.removeQueue(a);
    expect(await take(node(two).queue, a)).toEqual([]);
    await vi.waitUntil(async () => (await node(two).queue.depth(a, Date.now())).locked === 0);
    expect(await node(three).queue.acknowledge(a, tokens, Date.now())).toEqual(["unknown-token"]);
    await put(node(three).queue, [a], "3");
    expect(ids(await take(node(two).queue, a))).toEqual(["3"]);
  });

  it("receive a delivery only when it is due, and soon after; the releasing node knows the time", async () => {
    await put(node(one).queue, [a], "1");
    const tokens = tokensOf(await take(node(one).queue, a));
    const now = Date.now();
    const dueAt = now + 700;
    await node(one).queue.release(a, tokens, { now, dueAt, attempt: attempt(now) });
    expect(await take(node(two).queue, a)).toEqual([]);
    expect(await node(two).queue.nextDueAt(a)).toBe(dueAt);
    expect(await node(one).queue.nextDueAt(a)).toBe(dueAt);
    const again = await takeSoon(node(two).queue, a);
    expect(Date.now()).toBeGreaterThanOrEqual(dueAt);
    expect(again).toMatchObject([{ deliveryCount: 1, lastAttempt: attempt(now) }]);
  });

  it("create another delivery when an event is enqueued again at any node", async () => {
    await put(node(one).queue, [a, b], "1");
    await put(node(two).queue, [a, b], "1", "2");
    expect(ids(await take(node(three).queue, a)).toSorted()).toEqual(["1", "1", "2"]);
    expect(await node(three).queue.depth(b, Date.now())).toEqual({ waiting: 3, locked: 0 });
  });

  it("notify each other of changed resources", async () => {
    const changes: ResourceChange[] = [];
    node(two).resources.watch((change) => changes.push(change));
    const { etag } = await node(one).resources.put(topic("Orders"), { kind: "absent" });
    await vi.waitUntil(() => changes.length === 1, { timeout: 1_000, interval: 10 });
    const after = await node(two).resources.get(topicId("ORDERS"));
    expect(after).toEqual({ resource: topic("Orders"), etag });
    await node(two).resources.delete(topicId("orders"), { kind: "etag", etag });
    expect(changes).toEqual([
      { id: topicId("Orders"), after },
      { id: topicId("Orders"), after: undefined },
    ]);
    await expect(node(one).resources.put(topic("orders"), { kind: "etag", etag })).rejects.toMatchObject({
      code: "precondition_failed",
    });
  });

  it("publish nothing for a token that is invalid, was changed, or belongs to another queue", async () => {
    await put(node(one).queue, [a], "1");
    const [token] = tokensOf(await take(node(one).queue, a));
    if (token === undefined) throw new Error("not received");
    const heard: string[] = [];
    const listener = await connect({ servers: nats.url });
    listener.subscribe("evil.>", { callback: (_error, { subject: to }) => void heard.push(to) });
    await listener.flush();
    const [local = "", until = "", code = "", ...tail] = token.split(".");
    const forged = [
      token.slice(0, -1),
      `${token}0`,
      [local, until, code, "evil.subject"].join("."),
      [local, `z${until}`, code, ...tail].join("."),
      [`${"0".repeat(16)}-1-1`, until, code, ...tail].join("."),
      "x".repeat(100_000),
      "evil.>",
      "",
    ] as LockToken[];
    const now = Date.now();
    expect(await node(two).queue.acknowledge(a, forged, now)).toEqual(forged.map(() => "unknown-token"));
    expect(await node(two).queue.acknowledge(b, [token], now)).toEqual(["unknown-token"]);
    expect(await node(two).queue.acknowledge(a, [token], now)).toEqual(["settled"]);
    await listener.flush();
    expect(heard).toEqual([]);
    await listener.close();
  });
});
