import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { topicId } from "../../src/core/resources/resource-id.ts";
import type { TopicResource } from "../../src/core/resources/resources.ts";
import { DataFile } from "../../src/stores/lmdb/file/data-file.ts";
import { open } from "../../src/stores/lmdb/file/lmdb.ts";
import { TABLES, type TableName } from "../../src/stores/lmdb/file/tables.ts";
import { openLmdbStore } from "../../src/stores/lmdb/open-lmdb-store.ts";
import { repairLmdbStore } from "../../src/stores/lmdb/repair/repair-lmdb-store.ts";
import { restoreLmdbStore } from "../../src/stores/lmdb/repair/restore-lmdb-store.ts";
import { queueName, storedEvent } from "./store-events.ts";
import { emptyFolder } from "./store-openers.ts";

const NOW = 1_767_225_600_000;
const orders = queueName("orders");
const topic: TopicResource = {
  id: topicId("orders"),
  name: "orders",
  type: "Microsoft.EventGrid/topics",
  uid: "uid",
  location: "local",
  keys: { key1: "", key2: "" },
  properties: { inputSchema: "EventGridSchema" },
};

const folders: string[] = [];
afterEach(() => Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true }))));

async function newFolder(): Promise<string> {
  const folder = await emptyFolder();
  folders.push(folder);
  return folder;
}

/** Returns the folder of a stopped store with a topic, an event for two queues, and one that waits. */
async function stoppedStore(): Promise<string> {
  const path = await newFolder();
  const store = await openLmdbStore({ path });
  await store.resources.put(topic, { kind: "absent" });
  await store.queue.enqueue([{ event: storedEvent("1"), to: [orders, queueName("other")] }], NOW);
  await store.queue.enqueue([{ event: storedEvent("2"), to: [orders] }], NOW);
  await store.close();
  return path;
}

async function dropTable(path: string, name: TableName): Promise<void> {
  const binary = { encoding: "binary", keyEncoding: "binary" } as const;
  const root = open({ ...binary, path, noSubdir: false, maxDbs: TABLES.length });
  await root.openDB({ ...binary, name }).drop();
  await root.close();
}

async function removeRecord(path: string, name: string): Promise<void> {
  const file = new DataFile(path);
  await file.commit([{ table: "meta", key: Buffer.from(name), value: undefined }]);
  await file.close();
}

describe("lmdb: a data file that lacks a part", () => {
  it.each(TABLES.map((name) => [name]))("is refused without the table %s, also by restore", async (name) => {
    const path = await stoppedStore();
    await dropTable(path, name);
    const message =
      name === "meta" ? /the version of its format is missing/ : new RegExp(`the table ${name} is missing`);
    await expect(openLmdbStore({ path })).rejects.toMatchObject({
      code: "store_unavailable",
      message: expect.stringMatching(message) as string,
    });
    const restored = { backup: join(path, "data.mdb"), path: join(path, "restored") };
    await expect(restoreLmdbStore(restored)).rejects.toThrow(message);
    await repairLmdbStore({ path, label: "test" });
    await (await openLmdbStore({ path })).close();
  });

  it.each([
    ["format", /the version of its format is missing/],
    ["log", /the state of its log is missing/],
    ["sequence", /the last number that its deliveries have used is missing/],
    ["revision", /the last number that its resources have used is missing/],
  ])("is refused without the record of its %s, and complete after a repair", async (name, message) => {
    const path = await stoppedStore();
    await removeRecord(path, name);
    await expect(openLmdbStore({ path })).rejects.toThrow(message);
    await repairLmdbStore({ path, label: "test" });
    const store = await openLmdbStore({ path });
    expect(await store.resources.list()).toHaveLength(1);
    expect(await store.queue.depth(orders, NOW)).toEqual({ waiting: 2, locked: 0 });
    await store.close();
  });

  it("is refused if it is an empty LMDB file", async () => {
    const path = await newFolder();
    await open({ path, noSubdir: false }).close();
    await expect(openLmdbStore({ path })).rejects.toThrow("the version of its format is missing");
  });
});

describe("lmdb: a data folder without one of its files", () => {
  it.each([["lock.mdb"], ["log.0"], ["log.1"]])("is refused without data.mdb if it has %s", async (name) => {
    const path = await newFolder();
    await writeFile(join(path, name), "");
    await expect(openLmdbStore({ path })).rejects.toMatchObject({
      code: "store_unavailable",
      message: expect.stringContaining(`data.mdb is missing, although the folder has ${name}`) as string,
    });
  });

  it("counts as new if a start was interrupted before it had a data file", async () => {
    const path = await newFolder();
    const store = await openLmdbStore({ path });
    await store.close();
    for (const name of ["data.mdb", "lock.mdb", "log.0", "log.1"]) await rm(join(path, name));
    await mkdir(join(path, "new"));
    await (await openLmdbStore({ path })).close();
  });

  it.each([["lock.mdb"], ["owner.mdb"], ["owner.mdb-lock"], ["log.0"], ["log.1"]])(
    "has everything without %s after a stop",
    async (name) => {
      const path = await stoppedStore();
      await rm(join(path, name));
      const store = await openLmdbStore({ path });
      expect(await store.queue.depth(orders, NOW)).toEqual({ waiting: 2, locked: 0 });
      await store.close();
    },
  );
});
