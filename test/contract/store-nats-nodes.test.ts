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
    // At once, as when a cluster starts: all find the same settings.
    [one, two, three] = await Promise.all([subject.open(), subject.open(), subject.open()]);
  });
  afterEach(() => subject.dispose());

  it("what is published at one is received at another and settled at a third", async () => {
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

  it("a secret that all make at once is the same at each", async () => {
    const nodes = [node(one), node(two), node(three)];
    const made = await Promise.all(
      nodes.map(({ secrets }, index) => secrets.obtain("token-key.production", async () => `of node ${index}`)),
    );
    expect(new Set(made).size).toBe(1);
  });

  it("a lock prolonged at one node holds at another beyond the time its token names", async () => {
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

  it("each delivery goes to one of the nodes that receive at the same time", async () => {
    const names = Array.from({ length: 300 }, (_, index) => String(index));
    await put(node(one).queue, [a], ...names);
    const stores = [node(one), node(two), node(three)];
    const received = await Promise.all(
      stores.flatMap(({ queue }) => Array.from({ length: 10 }, () => take(queue, a, 10))),
    );
    expect(received.flatMap(ids).toSorted()).toEqual(names.toSorted());
  });

  it("settles a token once, wherever it is settled", async () => {
    await put(node(one).queue, [a], "1");
    const tokens = tokensOf(await take(node(one).queue, a));
    const now = Date.now();
    const results = await Promise.all(
      [one, two, three, two, three].map((store) => node(store).queue.acknowledge(a, tokens, now)),
    );
    expect(results.flat().toSorted()).toEqual(["settled", ...Array.from({ length: 4 }, () => "unknown-token")]);
  });

  it("what a node that is gone had locked is received when the lock has run out, and lost to its holder", async () => {
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

  it("releases and moves deliveries of a node that is gone with all that is known of them", async () => {
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

  it("tells the other nodes of what has become available", async () => {
    const told: QueueName[] = [];
    node(two).queue.onAvailable((queue) => told.push(queue));
    await put(node(one).queue, [a, b], "1");
    await vi.waitUntil(() => told.length === 2);
    expect(told.toSorted()).toEqual([a, b]);
  });

  it("a queue removed at one node is gone at the others", async () => {
    await put(node(one).queue, [a], "1", "2");
    const tokens = tokensOf(await take(node(two).queue, a, 1));
    await node(one).queue.removeQueue(a);
    expect(await take(node(two).queue, a)).toEqual([]);
    await vi.waitUntil(async () => (await node(two).queue.depth(a, Date.now())).locked === 0);
    expect(await node(three).queue.acknowledge(a, tokens, Date.now())).toEqual(["unknown-token"]);
    await put(node(three).queue, [a], "3");
    expect(ids(await take(node(two).queue, a))).toEqual(["3"]);
  });

  it("gives out nothing before it is due, then soon; the time is known at the node that released it", async () => {
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

  it("an event that is enqueued again, at whatever node, is another delivery", async () => {
    await put(node(one).queue, [a, b], "1");
    await put(node(two).queue, [a, b], "1", "2");
    expect(ids(await take(node(three).queue, a)).toSorted()).toEqual(["1", "1", "2"]);
    expect(await node(three).queue.depth(b, Date.now())).toEqual({ waiting: 3, locked: 0 });
  });

  it("a change of a resource is heard at the other nodes", async () => {
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

  it("publishes nothing for a token that was made up, changed, or is another queue's", async () => {
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
