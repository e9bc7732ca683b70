import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { QueueName } from "../../src/core/delivery.ts";
import type { Store } from "../../src/ports/store.ts";
import { DataFile } from "../../src/stores/lmdb/file/data-file.ts";
import { FORMAT_KEY, FORMAT_VERSION } from "../../src/stores/lmdb/file/data-format.ts";
import { openLmdbStore } from "../../src/stores/lmdb/open-lmdb-store.ts";
import type { TableName } from "../../src/stores/lmdb/file/tables.ts";
import { queueName, storedEvent } from "./store-events.ts";
import { emptyFolder } from "./store-openers.ts";
import { compileStores, StoreProcess } from "./store-process.ts";

const NOW = 1_767_225_600_000;
const a = queueName("queue-a");
const b = queueName("queue-b");

const folders: string[] = [];
const processes: StoreProcess[] = [];
const stores: Store[] = [];

async function folder(): Promise<string> {
  const path = await emptyFolder();
  folders.push(path);
  return path;
}

async function openStore(path: string): Promise<Store> {
  const store = await openLmdbStore({ path });
  stores.push(store);
  return store;
}

function start(...args: ConstructorParameters<typeof StoreProcess>): StoreProcess {
  const process = new StoreProcess(...args);
  processes.push(process);
  return process;
}

afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await Promise.all(processes.splice(0).map((process) => process.kill()));
});
afterAll(() => Promise.all(folders.map((path) => rm(path, { recursive: true }))));

/** Returns the numbers of entries in tables of a closed store. */
async function entries(path: string, ...tables: TableName[]): Promise<number[]> {
  const file = new DataFile(path);
  const counts = tables.map((table) => [...file.range(table, Buffer.alloc(1))].length);
  await file.close();
  return counts;
}

async function receiveAll(store: Store, queue: QueueName): Promise<string[]> {
  const received = await store.queue.receive(queue, { max: 1_000_000, lockMs: 60_000, now: NOW });
  return received.map(({ event }) => event.id);
}

/** Reads `<id>:<count>`. */
function splitCount(text: string): [id: string, count: number] {
  const [id = "", count] = text.split(":");
  return [id, Number(count)];
}

describe("lmdb: the data folder", () => {
  it("is created with its files so that only the owner can read them", async () => {
    const path = join(await folder(), "deep", "data.d");
    const store = await openStore(path);
    await store.queue.enqueue([{ event: storedEvent("1"), to: [a] }], NOW);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    const modes = await Promise.all((await readdir(path)).map(async (file) => (await stat(join(path, file))).mode));
    expect(modes.map((mode) => mode & 0o777)).toEqual(modes.map(() => 0o600));
    expect(modes.length).toBeGreaterThan(1);
  });

  it("is refused if it cannot be a folder", async () => {
    const path = join(await folder(), "file");
    await writeFile(path, "");
    await expect(openLmdbStore({ path })).rejects.toMatchObject({ code: "store_unavailable" });
  });

  it("is refused if its data file is not LMDB's, and can be used once that is deleted", async () => {
    const path = await folder();
    await writeFile(join(path, "data.mdb"), "certainly not a database ".repeat(1_000));
    await expect(openLmdbStore({ path })).rejects.toMatchObject({
      code: "store_unavailable",
      message: expect.stringContaining("data.mdb") as string,
    });
    await rm(join(path, "data.mdb"));
    await openStore(path);
  });

  it("is refused, unchanged, if its format is newer", async () => {
    const path = await folder();
    await (await openLmdbStore({ path })).close();
    const file = new DataFile(path);
    expect(file.get("meta", FORMAT_KEY)?.readUInt32BE(0)).toBe(FORMAT_VERSION);
    const newer = FORMAT_VERSION + 1;
    await file.commit([{ table: "meta", key: FORMAT_KEY, value: Buffer.from([0, 0, 0, newer]) }]);
    await file.close();
    await expect(openLmdbStore({ path })).rejects.toMatchObject({
      code: "store_unavailable",
      message:
        `${join(path, "data.mdb")} has format ${newer}, written by a newer Ringmain; ` +
        `this one reads formats up to ${FORMAT_VERSION}`,
    });
  });

  it("cannot be opened twice in one process until it is closed", async () => {
    const path = await folder();
    const first = await openStore(path);
    await expect(openLmdbStore({ path: join(path, ".") })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("in use by this process") as string,
    });
    await Promise.all([first.close(), first.close()]);
    await openStore(path);
  });
});

describe("lmdb: closed", () => {
  it("refuses reads and writes", async () => {
    const store = await openStore(await folder());
    await store.queue.enqueue([{ event: storedEvent("1"), to: [a] }], NOW);
    await store.close();
    const refused = { code: "store_unavailable" };
    await expect(store.queue.enqueue([{ event: storedEvent("2"), to: [a] }], NOW)).rejects.toMatchObject(refused);
    await expect(store.queue.receive(a, { max: 1, lockMs: 1, now: NOW })).rejects.toMatchObject(refused);
  });
});

describe("lmdb: names", () => {
  it("refuses a queue whose name cannot be a key, with the whole enqueue but no other", async () => {
    const path = await folder();
    const store = await openStore(path);
    const event = storedEvent("1");
    for (const name of ["", "n".repeat(2_000)]) {
      const [failed] = await Promise.allSettled([
        store.queue.enqueue([{ event, to: [a, queueName(name)] }], NOW),
        store.queue.enqueue([{ event, to: [b] }], NOW),
      ]);
      expect(failed).toMatchObject({ status: "rejected", reason: { code: "invalid_request" } });
    }
    expect(await store.queue.depth(a, NOW)).toEqual({ waiting: 0, locked: 0 });
    expect(await store.queue.depth(b, NOW)).toEqual({ waiting: 2, locked: 0 });
  });
});

describe("lmdb: stored data", () => {
  it("stores an event of several deliveries once, and deletes it with the last of them", async () => {
    const path = await folder();
    const store = await openStore(path);
    const c = queueName("queue-c");
    await store.queue.enqueue([{ event: storedEvent("1", 700), to: [a, b, c] }], NOW);
    for (const queue of [a, b, c]) {
      const [delivery] = await store.queue.receive(queue, { max: 1, lockMs: 60_000, now: NOW });
      if (delivery === undefined) throw new Error("not received");
      if (queue === a) await store.queue.acknowledge(queue, [delivery.lockToken], NOW);
      if (queue === b)
        await store.queue.reject(queue, [delivery.lockToken], { now: NOW, reason: "TimeToLiveExceeded" });
    }
    await store.close();
    expect(await entries(path, "deliveries", "events", "sharing")).toEqual([1, 1, 0]);
    const again = await openStore(path);
    const [delivery] = await again.queue.receive(c, { max: 1, lockMs: 60_000, now: NOW });
    if (delivery === undefined) throw new Error("not received");
    const moveTo = { queue: a, dueAt: NOW };
    await again.queue.reject(c, [delivery.lockToken], { now: NOW, reason: "TimeToLiveExceeded", moveTo });
    const [moved] = await again.queue.receive(a, { max: 1, lockMs: 60_000, now: NOW });
    if (moved === undefined) throw new Error("not received");
    await again.queue.acknowledge(a, [moved.lockToken], NOW);
    await again.close();
    expect(await entries(path, "deliveries", "events", "sharing")).toEqual([0, 0, 0]);
  });

  it("has nothing left after all copies are settled at the same time", async () => {
    const path = await folder();
    const store = await openStore(path);
    const items = Array.from({ length: 50 }, (_, id) => ({ event: storedEvent(String(id)), to: [a, b] }));
    await store.queue.enqueue(items, NOW);
    await Promise.all(
      [a, b].map(async (queue) => {
        const received = await store.queue.receive(queue, { max: 50, lockMs: 60_000, now: NOW });
        const acknowledged = received.map(({ lockToken }) => store.queue.acknowledge(queue, [lockToken], NOW));
        await Promise.all(acknowledged);
      }),
    );
    await store.close();
    expect(await entries(path, "deliveries", "events", "sharing")).toEqual([0, 0, 0]);
  });

  it("deletes a removed queue in steps, over restarts, without affecting events shared with other queues", async () => {
    const path = await folder();
    const first = await openStore(path);
    const shared = Array.from({ length: 2_500 }, (_, id) => ({ event: storedEvent(String(id)), to: [a, b] }));
    await first.queue.enqueue(shared, NOW);
    await first.queue.removeQueue(a);
    await first.close();
    // Each opening completes at least one step.
    for (let opening = 0; opening < 3; opening += 1) await (await openStore(path)).close();
    // The other queue's deliveries, in packs.
    expect(await entries(path, "removed", "deliveries", "events", "sharing")).toEqual([0, 3, 2_500, 0]);
    const last = await openStore(path);
    expect(await receiveAll(last, b)).toHaveLength(2_500);
    await last.queue.removeQueue(b);
    await last.close();
    for (let opening = 0; opening < 3; opening += 1) await (await openStore(path)).close();
    expect(await entries(path, "queues", "removed", "deliveries", "events")).toEqual([0, 0, 0, 0]);
  });

  it("returns released deliveries in order, even if there are more than it remembers individually", async () => {
    const store = await openStore(await folder());
    const items = Array.from({ length: 12_000 }, (_, id) => ({ event: storedEvent(String(id)), to: [a] }));
    await store.queue.enqueue(items, NOW);
    const received = await store.queue.receive(a, { max: 11_500, lockMs: 10, now: NOW });
    const kept = received.filter((_, index) => index % 100 === 0);
    await store.queue.renewLock(
      a,
      kept.map(({ lockToken }) => lockToken),
      { now: NOW, lockMs: 60_000 },
    );
    const again = await store.queue.receive(a, { max: 12_000, lockMs: 10, now: NOW + 10 });
    const keptIds = new Set(kept.map(({ event }) => event.id));
    expect(again.map(({ event }) => event.id)).toEqual(
      items.map(({ event }) => event.id).filter((id) => !keptIds.has(id)),
    );
    expect(await store.queue.depth(a, NOW + 10)).toEqual({ waiting: 0, locked: 12_000 });
  });
});

describe("lmdb: reopening the data file while it is in use", () => {
  it("returns no delivery twice, loses none, and keeps the locks", { timeout: 30_000 }, async () => {
    const store = await openStore(await folder());
    const total = 120;
    // Each event has a megabyte. Together they are several times as large as the map that triggers reopening.
    const publish = async (id: number): Promise<void> =>
      store.queue.enqueue([{ event: storedEvent(String(id), 1_000_000), to: [a, b] }], NOW);
    const seen: string[] = [];
    const consume = async (): Promise<void> => {
      while (seen.length < total) {
        const received = await store.queue.receive(a, { max: 3, lockMs: 60_000, now: NOW });
        seen.push(...received.map(({ event }) => event.id));
        const tokens = received.map(({ lockToken }) => lockToken);
        expect(await store.queue.acknowledge(a, tokens, NOW)).toEqual(tokens.map(() => "settled"));
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const ids = Array.from({ length: total }, (_, id) => id);
    await Promise.all([Promise.all(ids.map(publish)), consume(), consume()]);
    expect(seen.map(Number).toSorted((one, other) => one - other)).toEqual(ids);
    expect(await store.queue.depth(a, NOW)).toEqual({ waiting: 0, locked: 0 });
    expect(await store.queue.depth(b, NOW)).toEqual({ waiting: total, locked: 0 });
  });
});

describe("lmdb: processes", { timeout: 60_000 }, () => {
  beforeAll(compileStores, 60_000);

  it("refuses the folder to a second process until the first was killed", async () => {
    const path = await folder();
    const first = start(path, "hold");
    await first.line("open");
    const message = expect.stringMatching(/in use by process \d+; only one process can use it/) as string;
    await expect(openLmdbStore({ path })).rejects.toMatchObject({ code: "conflict", message });
    const second = start(path, "hold");
    expect(await second.line("failed")).toContain(`failed conflict The data folder ${path} is in use by process`);
    await first.kill();
    const third = start(path, "hold");
    await third.line("open");
    await third.finish();
    await openStore(path);
  });

  it("has every event that it confirmed, and no orphaned data, after each of several kills", async () => {
    const path = await folder();
    const stored = new Set<string>();
    const acknowledged = new Set<string>();
    for (const [round, lines] of [40, 150, 400, 900, 2_000, 3_000].entries()) {
      // Some segments are so small that most kills happen while one is being copied into the data file.
      const process = start(path, "work", round * 100_000, undefined, round % 2 === 0 ? 50_000 : undefined);
      await process.until(lines);
      await process.kill();
      for (const id of process.reported("stored")) stored.add(id);
      for (const id of process.reported("acknowledged")) acknowledged.add(id);
      const store = await openStore(path);
      const kept = await receiveAll(store, queueName("kept"));
      const done = await receiveAll(store, queueName("done"));
      expect(await store.queue.depth(queueName("kept"), NOW)).toEqual({ waiting: 0, locked: kept.length });
      expect(await store.queue.depth(queueName("done"), NOW)).toEqual({ waiting: 0, locked: done.length });
      await store.close();
      expect([...stored].filter((id) => !kept.includes(id))).toEqual([]);
      expect(done.filter((id) => acknowledged.has(id))).toEqual([]);
      expect(done.filter((id) => !kept.includes(id))).toEqual([]);
      // Every event still has its delivery in the first queue, and is shared while it has one in the second.
      expect(await entries(path, "events", "sharing")).toEqual([kept.length, done.length]);
    }
    expect(acknowledged.size).toBeGreaterThan(0);
  });

  it("has nothing that was acknowledged durably, and counts receives never too high, after several kills", async () => {
    const path = await folder();
    const pulled = queueName("pulled");
    /** Events whose acknowledgement has not begun. */
    const stored = new Set<string>();
    const ended = new Set<string>();
    const received = new Map<string, number>();
    const counted = new Map<string, number>();
    for (const [round, lines] of [60, 300, 900, 2_000].entries()) {
      const process = start(path, "pull", round * 100_000, undefined, round % 2 === 0 ? 50_000 : undefined);
      await process.until(lines);
      await process.kill();
      for (const id of process.reported("stored")) stored.add(id);
      for (const id of process.reported("ending")) stored.delete(id);
      for (const [id] of process.reported("ended").map(splitCount)) ended.add(id);
      for (const [id, count] of [...process.reported("received"), ...process.reported("counted")].map(splitCount)) {
        counted.set(id, Math.max(counted.get(id) ?? 0, count));
      }
      for (const [id] of process.reported("received").map(splitCount)) received.set(id, (received.get(id) ?? 0) + 1);
      const store = await openStore(path);
      const held = await store.queue.peek(pulled, { max: 1_000_000, now: NOW });
      const counts = new Map(held.map(({ event, deliveryCount }) => [event.id, deliveryCount]));
      expect(counts.size).toBe(held.length);
      expect(store.queue.bytesIn?.(pulled)).toBe(held.reduce((sum, { event }) => sum + event.json.length, 0));
      expect(await store.queue.depth(pulled, NOW)).toEqual({ waiting: held.length, locked: 0 });
      await store.close();
      expect([...stored].filter((id) => !counts.has(id))).toEqual([]);
      expect([...ended].filter((id) => counts.has(id))).toEqual([]);
      expect([...counts].filter(([id, count]) => count < (counted.get(id) ?? 0))).toEqual([]);
      expect([...counts].filter(([id, count]) => count > (received.get(id) ?? 0))).toEqual([]);
    }
    expect(ended.size).toBeGreaterThan(0);
    expect(Math.max(...counted.values())).toBeGreaterThan(1);
  });

  it("opens with 100,000 deliveries of a killed process", async () => {
    const path = await folder();
    const process = start(path, "stock", 100_000);
    await process.line("stocked");
    await process.kill();
    const store = await openStore(path);
    const stock = queueName("stock");
    expect(await store.queue.depth(stock, NOW)).toEqual({ waiting: 100_000, locked: 0 });
    expect(await store.queue.occupiedQueues()).toEqual([{ queue: stock, nextDueAt: NOW }]);
    const received = await store.queue.receive(stock, { max: 3, lockMs: 60_000, now: NOW });
    expect(received.map(({ event }) => event.id)).toEqual(["0", "1", "2"]);
  });

  it("reports a full disk, has done nothing partially, and continues when there is space", async () => {
    const path = join(await folder(), "data");
    await mkdir(path);
    const process = start(path, "fill", 0, 8_000);
    await process.line("closed");
    const stored = process.reported("stored").length;
    expect(stored).toBeGreaterThan(0);
    expect(new Set(process.reported("refused"))).toEqual(
      new Set([expect.stringMatching(/^store_unavailable Cannot write to .*(data\.mdb|log\.[01]) /) as string]),
    );
    expect(process.reported("full")).toEqual([`${stored} ${stored}`]);
    expect(process.reported("emptied")).toEqual(["0 0"]);
    expect(process.reported("continued")).toEqual(["1000 1000"]);
    const store = await openStore(path);
    expect(await store.queue.depth(queueName("one"), NOW)).toEqual({ waiting: 1_000, locked: 0 });
  });
});
