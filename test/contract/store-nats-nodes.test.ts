import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { LockToken, QueueName } from "../../src/core/delivery.ts";
import { topicId } from "../../src/core/resource-id.ts";
import type { TopicResource } from "../../src/core/resources.ts";
import type { DeliveryQueue } from "../../src/ports/delivery-queue.ts";
import type { ResourceChange } from "../../src/ports/resource-store.ts";
import type { Store } from "../../src/ports/store.ts";
import { JetStreamApi } from "../../src/stores/nats/jetstream-api.ts";
import { NatsLink } from "../../src/stores/nats/nats-link.ts";
import { openNatsStore } from "../../src/stores/nats/open-nats-store.ts";
import { emptyNatsStore, type NatsStoreUnderTest } from "../support/run-nats-store.ts";
import { runNats, type RunningNats } from "../support/run-nats.ts";
import { a, attempt, b, ids, LOCK_MS, tokensOf } from "./delivery-queue-steps.ts";
import { compileStores } from "./store-process.ts";
import { storedEvent } from "./store-events.ts";

const SHORT_LOCK_MS = 300;

const put = (queue: DeliveryQueue, to: readonly QueueName[], ...names: string[]): Promise<void> =>
  queue.enqueue(
    names.map((name) => ({ event: storedEvent(name), to })),
    Date.now(),
  );
const take = (
  queue: DeliveryQueue,
  from: QueueName,
  max = 10,
  lockMs = LOCK_MS,
): ReturnType<DeliveryQueue["receive"]> => queue.receive(from, { max, lockMs, now: Date.now() });

/** Receives until something comes; the server goes by its own clock. */
async function takeSoon(queue: DeliveryQueue, from: QueueName, max = 10): ReturnType<DeliveryQueue["receive"]> {
  return vi.waitUntil(
    async () => {
      const received = await take(queue, from, max);
      return received.length > 0 && received;
    },
    { timeout: 10_000, interval: 20 },
  );
}

/** Does it again until it succeeds; an answer from a process that is only just starting. */
async function eventually(step: () => Promise<unknown>): Promise<void> {
  const succeeds = (): Promise<boolean> =>
    step().then(
      () => true,
      () => false,
    );
  await vi.waitUntil(succeeds, { timeout: 10_000 });
}

function topic(name: string): TopicResource {
  return {
    id: topicId(name),
    name,
    type: "Microsoft.EventGrid/topics",
    uid: `uid-of-${name}`,
    location: "local",
    tags: {},
    keys: { key1: "a2V5MQ==", key2: "a2V5Mg==" },
    properties: { inputSchema: "EventGridSchema" },
  };
}

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

describe("nats: the server", () => {
  it("refuses at once while it is away, and goes on by itself when it is back, with all that was acknowledged", async () => {
    const server = await runNats();
    const { open, dispose } = emptyNatsStore(server);
    try {
      const [one, two] = [await open(), await open()];
      const names = Array.from({ length: 200 }, (_, index) => String(index));
      await put(one.queue, [a, b], ...names);
      await one.resources.put(topic("before"), { kind: "any" });
      const held = await take(one.queue, a, 50);
      await one.queue.acknowledge(a, tokensOf(held.slice(0, 10)), Date.now());
      await server.kill();
      await vi.waitUntil(async () => {
        const outcomes = await Promise.allSettled([put(one.queue, [a], "lost"), take(two.queue, a)]);
        return outcomes.every(({ status }) => status === "rejected");
      });
      await expect(put(one.queue, [a], "lost")).rejects.toMatchObject({ code: "store_unavailable" });
      await expect(one.resources.put(topic("lost"), { kind: "any" })).rejects.toMatchObject({
        code: "store_unavailable",
      });
      expect(await one.resources.get(topicId("before"))).toBeDefined();
      await server.restart();
      await eventually(() => put(one.queue, [a], "after"));
      await eventually(() => two.queue.depth(a, Date.now()));
      // A lock from before still settles at its node, although the server has forgotten it.
      const late = held.slice(10, 20);
      expect(await one.queue.acknowledge(a, tokensOf(late), Date.now())).toEqual(late.map(() => "settled"));
      // A server that was killed may have forgotten the latest ends of deliveries: these are made once more.
      const missing = new Set([...names.slice(20), "after"]);
      while (missing.size > 0) {
        const more = await takeSoon(two.queue, a, 100);
        for (const id of ids(more)) missing.delete(id);
        expect(ids(more)).not.toContain(late[0]?.event.id);
        await two.queue.acknowledge(a, tokensOf(more), Date.now());
      }
      expect((await take(two.queue, b, 200)).length).toBe(200);
      const changes: ResourceChange[] = [];
      two.resources.watch((change) => changes.push(change));
      await eventually(() => one.resources.put(topic("after"), { kind: "any" }));
      await vi.waitUntil(() => changes.length > 0, { timeout: 5_000 });
      expect(await two.resources.get(topicId("before"))).toBeDefined();
      expect(await two.resources.get(topicId("lost"))).toBeUndefined();
    } finally {
      await dispose();
      await server.stop();
    }
  }, 40_000);

  it("a node that did not hear of a deletion finds it out, and markers are cleared up to a revision only", async () => {
    const server = await runNats();
    const { name, open, dispose } = emptyNatsStore(server);
    try {
      const [one, two] = [await open(), await open()];
      for (const kept of ["kept", "gone"]) await one.resources.put(topic(kept), { kind: "any" });
      await vi.waitUntil(async () => (await two.resources.list()).length === 2, { timeout: 5_000 });
      const connection = await connect({ servers: server.url });
      const api = new JetStreamApi(new NatsLink(connection, 5_000));
      const [gone] = (await one.resources.list()).filter(({ resource }) => resource.name === "gone");
      const bucket = { stream: `KV_${name}`, subject: `$KV.${name}.resource.*` };
      const subjects = await api.subjects(bucket.stream, bucket.subject);
      const subject = [...subjects.keys()].find((key) => key.endsWith("gone")) ?? "";
      await api.purge({ ...bucket, subject }, Number(gone?.etag) - 1);
      expect((await api.subjects(bucket.stream, bucket.subject)).size).toBe(2);
      // As when its marker had been cleared while a node was away.
      await api.purge({ ...bucket, subject }, Number(gone?.etag));
      await connection.close();
      await server.kill();
      await server.restart();
      await vi.waitUntil(async () => (await two.resources.list()).length === 1, { timeout: 10_000 });
      expect(await two.resources.get(topicId("kept"))).toBeDefined();
    } finally {
      await dispose();
      await server.stop();
    }
  }, 40_000);

  it("is given up when it does not answer, and taken up again when it does", async () => {
    const server = await runNats();
    const store = await openNatsStore({ servers: server.url, shards: 1, timeoutMs: 500 });
    try {
      await put(store.queue, [a], "1");
      server.suspend();
      const rejects = (): Promise<boolean> =>
        store.queue.depth(a, Date.now()).then(
          () => false,
          () => true,
        );
      await vi.waitUntil(rejects, { timeout: 5_000 });
      const calls = [
        put(store.queue, [a], "2"),
        take(store.queue, a),
        store.queue.depth(a, Date.now()),
        store.queue.removeQueue(b),
        store.resources.put(topic("orders"), { kind: "absent" }),
      ];
      for (const { status, ...rest } of await Promise.allSettled(calls)) {
        expect([status, rest]).toMatchObject(["rejected", { reason: { code: "store_unavailable" } }]);
      }
      server.resume();
      await eventually(() => put(store.queue, [a], "3"));
      expect(ids(await takeSoon(store.queue, a))).toEqual(expect.arrayContaining(["1", "3"]));
    } finally {
      await store.close();
      await server.stop();
    }
  }, 20_000);

  it("has dropped the file that held the first deliveries of a queue: the others are still counted and received", async () => {
    const server = await runNats();
    const store = await openNatsStore({ servers: server.url, shards: 1 });
    try {
      // More than a file of a stream holds, which is 8 MB.
      const events = Array.from({ length: 60 }, (_, index) => storedEvent(String(index), 400_000));
      for (const event of events) await store.queue.enqueue([{ event, to: [a] }], Date.now());
      for (let ended = 0; ended < 50;) {
        const tokens = tokensOf(await take(store.queue, a, 50 - ended));
        await store.queue.acknowledge(a, tokens, Date.now());
        ended += tokens.length;
      }
      expect(await store.queue.depth(a, Date.now())).toEqual({ waiting: 10, locked: 0 });
      const other = await openNatsStore({ servers: server.url });
      expect(ids(await take(other.queue, a, 10))).toHaveLength(10);
      await other.close();
    } finally {
      await store.close();
      await server.stop();
    }
  }, 40_000);

  it("is late with what was asked for: it is not held to be received", async () => {
    const server = await runNats();
    const store = await openNatsStore({ servers: server.url, shards: 1, timeoutMs: 500 });
    try {
      await put(store.queue, [a], "1", "2");
      const tokens = tokensOf(await take(store.queue, a, 1));
      await store.queue.acknowledge(a, tokens, Date.now());
      server.suspend();
      await expect(take(store.queue, a)).rejects.toMatchObject({ code: "store_unavailable" });
      const hinted = new Promise<QueueName>((told) => store.queue.onAvailable(told));
      server.resume();
      expect(await hinted).toBe(a);
      expect(ids(await takeSoon(store.queue, a))).toEqual(["2"]);
    } finally {
      await store.close();
      await server.stop();
    }
  }, 20_000);

  it("gives the deliveries of a node that was killed to another when its locks have run out", async () => {
    await compileStores();
    const { name, open, dispose } = emptyNatsStore(nats);
    try {
      const store = await open();
      await put(store.queue, [a], "1", "2");
      const module = new URL("../../dist/stores/nats/open-nats-store.js", import.meta.url).href;
      const script = `
        import { openNatsStore } from ${JSON.stringify(module)};
        const store = await openNatsStore(${JSON.stringify({ servers: nats.url, name })});
        const held = await store.queue.receive("${a}", { max: 2, lockMs: 1500, now: Date.now() });
        console.log(JSON.stringify(held.map(({ lockToken }) => lockToken)));`;
      const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      const [output] = (await once(child.stdout, "data")) as [Buffer];
      const tokens = JSON.parse(output.toString()) as LockToken[];
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
      expect(tokens).toHaveLength(2);
      expect(await take(store.queue, a)).toEqual([]);
      expect(await store.queue.acknowledge(a, tokens.slice(0, 1), Date.now())).toEqual(["settled"]);
      expect(ids(await takeSoon(store.queue, a))).toEqual(["2"]);
      expect(await store.queue.acknowledge(a, tokens, Date.now())).toEqual(["unknown-token", "lock-lost"]);
    } finally {
      await dispose();
    }
  }, 40_000);

  it("closes while it is away, and refuses afterwards", async () => {
    const server = await runNats();
    const store = await openNatsStore({ servers: server.url, shards: 1 });
    await server.stop();
    await Promise.all([store.close(), store.close()]);
    await expect(put(store.queue, [a], "1")).rejects.toMatchObject({ code: "store_unavailable" });
  });

  it("says what is wrong when there is none", async () => {
    const server = await runNats();
    await server.stop();
    await expect(openNatsStore({ servers: server.url })).rejects.toMatchObject({
      code: "store_unavailable",
      message: expect.stringContaining(server.url.replace("nats://", "")) as string,
    });
  });
});
