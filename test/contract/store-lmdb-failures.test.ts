import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { LockedDelivery, LockToken } from "../../src/core/delivery.ts";
import { RingmainError } from "../../src/core/errors.ts";
import { topicId } from "../../src/core/resources/resource-id.ts";
import type { TopicResource } from "../../src/core/resources/resources.ts";
import type { Store } from "../../src/ports/store.ts";
import { assembleStore } from "../../src/stores/lmdb/assemble-store.ts";
import { DataFile, type TableWrite } from "../../src/stores/lmdb/file/data-file.ts";
import { obtainLogState } from "../../src/stores/lmdb/log/log-state.ts";
import { StoreFile } from "../../src/stores/lmdb/log/store-file.ts";
import { openLmdbStore } from "../../src/stores/lmdb/open-lmdb-store.ts";
import { restoreLmdbStore } from "../../src/stores/lmdb/repair/restore-lmdb-store.ts";
import { queueName, storedEvent } from "./store-events.ts";
import { emptyFolder } from "./store-openers.ts";

const NOW = 1_767_225_600_000;
const LOCK_MS = 60_000;
const a = queueName("queue-a");
const b = queueName("queue-b");
const unavailable = { code: "store_unavailable" };

/** A file whose next writes fail, as often as it is set to. */
class FailingFile extends StoreFile {
  failures = 0;

  override async commit(writes: readonly TableWrite[]): Promise<void> {
    await Promise.resolve();
    if (this.failures === 0) return super.commit(writes);
    this.failures -= 1;
    throw new RingmainError("store_unavailable", "a write that fails on purpose");
  }
}

function test(title: string, use: (store: Store, file: FailingFile) => Promise<void>): void {
  it(`lmdb, when a write fails: ${title}`, async () => {
    const folder = await emptyFolder();
    const data = new DataFile(folder);
    const file = new FailingFile(data, await obtainLogState(data));
    const store = assembleStore(file, () => rm(folder, { recursive: true }));
    try {
      await use(store, file);
    } finally {
      file.failures = 0;
      await store.close();
    }
  });
}

async function lockOne(store: Store): Promise<{ token: LockToken; delivery: LockedDelivery }> {
  await store.queue.enqueue([{ event: storedEvent("1"), to: [a] }], NOW);
  const [delivery] = await store.queue.receive(a, { max: 1, lockMs: LOCK_MS, now: NOW });
  if (delivery === undefined) throw new Error("not received");
  return { token: delivery.lockToken, delivery };
}

test("an enqueue leaves nothing behind, and the next one works", async (store, file) => {
  file.failures = 1;
  const event = storedEvent("1");
  await expect(store.queue.enqueue([{ event, to: [a, b] }], NOW)).rejects.toMatchObject(unavailable);
  expect(await store.queue.occupiedQueues()).toEqual([]);
  expect(await store.queue.receive(a, { max: 1, lockMs: LOCK_MS, now: NOW })).toEqual([]);
  await store.queue.enqueue([{ event, to: [b] }], NOW);
  expect(await store.queue.depth(a, NOW)).toEqual({ waiting: 0, locked: 0 });
  expect(await store.queue.depth(b, NOW)).toEqual({ waiting: 1, locked: 0 });
});

test("every caller that shares the write gets the error", async (store, file) => {
  file.failures = 1;
  const calls = Array.from({ length: 5 }, (_, id) =>
    store.queue.enqueue([{ event: storedEvent(String(id)), to: [a] }], NOW),
  );
  for (const result of await Promise.allSettled(calls)) {
    expect(result).toMatchObject({ status: "rejected", reason: unavailable });
  }
  expect(await store.queue.depth(a, NOW)).toEqual({ waiting: 0, locked: 0 });
});

test("a receive that cannot be counted leaves its delivery waiting, with the count it had", async (store, file) => {
  const counted = { max: 1, lockMs: LOCK_MS, counted: true } as const;
  await store.queue.enqueue([{ event: storedEvent("1"), to: [a] }], NOW);
  await store.queue.receive(a, { ...counted, now: NOW });
  file.failures = 1;
  const second = await store.queue.receive(a, { ...counted, now: NOW + LOCK_MS });
  expect(second).toMatchObject([{ event: { id: "1" }, deliveryCount: 0 }]);
  const third = await store.queue.receive(a, { ...counted, now: NOW + 2 * LOCK_MS });
  expect(third).toMatchObject([{ event: { id: "1" }, deliveryCount: 1 }]);
  expect(store.queue.bytesIn?.(a)).toBe(storedEvent("1").json.length);
});

const verbs: readonly [string, (store: Store, token: LockToken) => Promise<string[]>][] = [
  ["acknowledge (durable)", ({ queue }, token) => queue.acknowledge(a, [token], NOW, { durable: true })],
  ["release", ({ queue }, token) => queue.release(a, [token], { now: NOW, dueAt: NOW + 5 })],
  [
    "reject",
    ({ queue }, token) =>
      queue.reject(a, [token], { now: NOW, reason: "TimeToLiveExceeded", moveTo: { queue: b, dueAt: NOW } }),
  ],
];
for (const [verb, settle] of verbs) {
  test(`${verb}: the lock is still held, and can be settled`, async (store, file) => {
    const { token } = await lockOne(store);
    file.failures = 1;
    await expect(settle(store, token)).rejects.toMatchObject(unavailable);
    expect(await store.queue.receive(a, { max: 1, lockMs: LOCK_MS, now: NOW })).toEqual([]);
    expect(await store.queue.depth(a, NOW)).toEqual({ waiting: 0, locked: 1 });
    expect(await store.queue.depth(b, NOW)).toEqual({ waiting: 0, locked: 0 });
    expect(await settle(store, token)).toEqual(["settled"]);
  });

  test(`${verb}: a concurrent caller that settles the same delivery succeeds`, async (store, file) => {
    const { token } = await lockOne(store);
    file.failures = 1;
    const [first, second] = await Promise.allSettled([settle(store, token), settle(store, token)]);
    expect(first).toMatchObject({ status: "rejected", reason: unavailable });
    expect(second).toMatchObject({ status: "fulfilled", value: ["settled"] });
  });

  test(`${verb}: a delivery whose lock expired meanwhile waits again`, async (store, file) => {
    const { token, delivery } = await lockOne(store);
    file.failures = 1;
    const settling = settle(store, token);
    // Not received while it may be deleted in a moment.
    expect(await store.queue.receive(a, { max: 1, lockMs: LOCK_MS, now: delivery.lockedUntil })).toEqual([]);
    await expect(settling).rejects.toMatchObject(unavailable);
    const again = await store.queue.receive(a, { max: 1, lockMs: LOCK_MS, now: delivery.lockedUntil });
    expect(again.map(({ event }) => event.id)).toEqual(["1"]);
  });
}

test("acknowledge: the delivery has ended nevertheless, and is removed from disk once writing is possible", async (store, file) => {
  const { token, delivery } = await lockOne(store);
  file.failures = 1;
  expect(await store.queue.acknowledge(a, [token], NOW)).toEqual(["settled"]);
  const event = storedEvent("2");
  await expect(store.queue.enqueue([{ event, to: [b] }], NOW)).rejects.toMatchObject(unavailable);
  expect([...file.range("deliveries", Buffer.alloc(1))]).toHaveLength(1);
  expect(await store.queue.receive(a, { max: 1, lockMs: LOCK_MS, now: delivery.lockedUntil })).toEqual([]);
  expect(await store.queue.depth(a, NOW)).toEqual({ waiting: 0, locked: 0 });
  expect(await store.queue.acknowledge(a, [token], NOW)).toEqual(["unknown-token"]);
  await store.queue.enqueue([{ event, to: [b] }], NOW);
  expect([...file.range("deliveries", Buffer.alloc(1))]).toHaveLength(1);
  expect(await store.queue.nextDueAt(a)).toBeUndefined();
});

test("a lock that expires while its delivery is acknowledged does not bring it back", async (store) => {
  const { token, delivery } = await lockOne(store);
  const settling = store.queue.acknowledge(a, [token], NOW);
  const later = { max: 1, lockMs: LOCK_MS, now: delivery.lockedUntil };
  expect(await store.queue.receive(a, later)).toEqual([]);
  expect(await settling).toEqual(["settled"]);
  expect(await store.queue.receive(a, later)).toEqual([]);
  expect(await store.queue.depth(a, NOW)).toEqual({ waiting: 0, locked: 0 });
});

test("removeQueue: the queue still exists, without the deliveries that were being enqueued", async (store, file) => {
  const { token } = await lockOne(store);
  file.failures = 1;
  const [removed, added] = await Promise.allSettled([
    store.queue.removeQueue(a),
    store.queue.enqueue([{ event: storedEvent("2"), to: [a] }], NOW),
  ]);
  expect(removed).toMatchObject({ status: "rejected", reason: unavailable });
  expect(added).toMatchObject({ status: "rejected", reason: unavailable });
  expect(await store.queue.depth(a, NOW)).toEqual({ waiting: 0, locked: 1 });
  expect(await store.queue.acknowledge(a, [token], NOW)).toEqual(["settled"]);
});

test("a resource is unchanged, and its watchers are not notified", async (store, file) => {
  const topic: TopicResource = {
    id: topicId("orders"),
    name: "orders",
    type: "Microsoft.EventGrid/topics",
    uid: "uid",
    location: "local",
    keys: { key1: "", key2: "" },
    properties: { inputSchema: "EventGridSchema" },
  };
  const kept = await store.resources.put(topic, { kind: "absent" });
  const notified: string[] = [];
  store.resources.watch(({ id }) => notified.push(id));
  file.failures = 2;
  await expect(store.resources.put(topic, { kind: "any" })).rejects.toMatchObject(unavailable);
  await expect(store.resources.delete(topic.id, { kind: "any" })).rejects.toMatchObject(unavailable);
  expect(await store.resources.list()).toEqual([kept]);
  expect(notified).toEqual([]);
  expect(await store.resources.delete(topic.id, { kind: "etag", etag: kept.etag })).toBe(true);
});

it.runIf(process.platform === "linux")("lmdb restores no backup if no folder can be created", async () => {
  const folder = await emptyFolder();
  const backup = join(folder, "backup.mdb");
  const store = await openLmdbStore({ path: folder });
  await store.backup?.(backup);
  await store.close();
  await expect(restoreLmdbStore({ backup, path: "/proc/x/y" })).rejects.toMatchObject({
    ...unavailable,
    message: "Cannot use the data folder /proc/x/y: cannot create a folder in '/proc'",
  });
  await rm(folder, { recursive: true });
});
