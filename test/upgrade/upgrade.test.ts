import { copyFile, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { DataFile } from "../../src/stores/lmdb/file/data-file.ts";
import { FORMAT_KEY, FORMAT_VERSION, type Migration } from "../../src/stores/lmdb/file/data-format.ts";
import { decodeLogState, LOG_KEY } from "../../src/stores/lmdb/log/log-state.ts";
import { GroupEncoder } from "../../src/stores/lmdb/log/segments/group-record.ts";
import { openLmdbStore } from "../../src/stores/lmdb/open-lmdb-store.ts";
import { queueName, storedEvent } from "../contract/store-events.ts";
import { billing, contents, deadLetters, fill, LATER, NOW, warehouse } from "./contents.ts";

/**
 * Data written by each format's own release, `format-<n>/data.mdb`, and its contents, `format-<n>/contents.json`.
 */
const fixtures = new URL("./", import.meta.url).pathname;
const MAX_FIXTURE_BYTES = 200_000;

const folders: string[] = [];
afterEach(() => Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true }))));

/** The record of a queue up to format 4: its id, and how many deliveries it holds. */
function earlierQueue(id: number, count: number): Buffer {
  const record = Buffer.alloc(12);
  record.writeUInt32BE(id, 0);
  record.writeDoubleBE(count, 4);
  return record;
}

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ringmain-upgrade-"));
  folders.push(folder);
  return folder;
}

async function copyOf(format: number): Promise<string> {
  const folder = await emptyFolder();
  await copyFile(join(fixtures, `format-${format}`, "data.mdb"), join(folder, "data.mdb"));
  return folder;
}

async function formatOf(folder: string): Promise<number | undefined> {
  const file = new DataFile(folder, 99);
  const version = file.get("meta", FORMAT_KEY)?.readUInt32BE(0);
  await file.close();
  return version;
}

// Run this once for each new format, before another release reads it: RINGMAIN_WRITE_FIXTURE=1 vitest run
// test/upgrade
if (process.env["RINGMAIN_WRITE_FIXTURE"] === "1") {
  it("a fixture of the current format is written", async () => {
    const folder = await emptyFolder();
    const store = await openLmdbStore({ path: folder });
    await fill(store);
    const target = join(fixtures, `format-${FORMAT_VERSION}`);
    await mkdir(target, { recursive: true });
    await store.backup?.(join(folder, "copy.mdb"));
    await store.close();
    await copyFile(join(folder, "copy.mdb"), join(target, "data.mdb"));
    const again = await openLmdbStore({ path: folder });
    await writeFile(join(target, "contents.json"), `${JSON.stringify(await contents(again), undefined, 2)}\n`);
    await again.close();
  });
}

describe("data in earlier formats", () => {
  const formats = Array.from({ length: FORMAT_VERSION }, (_, index) => index + 1);

  it("have a small fixture each", async () => {
    const found = (await readdir(fixtures)).filter((name) => name.startsWith("format-")).toSorted();
    expect(found).toEqual(formats.map((format) => `format-${format}`));
    for (const name of found) {
      expect((await stat(join(fixtures, name, "data.mdb"))).size).toBeLessThan(MAX_FIXTURE_BYTES);
    }
  });

  it.each(formats)("format %i is read with all its resources and deliveries, and can be used", async (format) => {
    const folder = await copyOf(format);
    const store = await openLmdbStore({ path: folder });
    const expected = JSON.parse(await readFile(join(fixtures, `format-${format}`, "contents.json"), "utf8")) as unknown;
    expect(await contents(store)).toEqual(expected);
    for (const name of [billing, warehouse, deadLetters]) {
      const held = await store.queue.peek(name, { max: 100, now: LATER });
      expect(held.length).toBeGreaterThan(0);
      expect(store.queue.bytesIn?.(name)).toBe(held.reduce((sum, { event }) => sum + event.json.length, 0));
    }
    await store.queue.enqueue([{ event: storedEvent("new"), to: [queueName("uid-billing")] }], NOW);
    await store.close();
    expect(await formatOf(folder)).toBe(FORMAT_VERSION);
    const again = await openLmdbStore({ path: folder });
    expect(await again.queue.depth(queueName("uid-billing"), NOW)).toMatchObject({ waiting: 5 });
    await again.close();
  });

  it("the log of a format without heads is copied into the data file, and refused if it is damaged", async () => {
    const folder = await copyOf(3);
    const file = new DataFile(folder, 3);
    const state = file.get("meta", LOG_KEY);
    await file.close();
    if (state === undefined) throw new Error("The fixture has no log");
    const { checkpointed, salt } = decodeLogState(state);
    const group = (number: number, size: number): Buffer => {
      const queue = {
        table: "queues",
        key: Buffer.from(`late-${number}`),
        value: earlierQueue(50 + number, size),
      } as const;
      return Buffer.from(new GroupEncoder(salt).encode([queue], { generation: checkpointed + 1, number }));
    };
    const groups = Buffer.concat([group(0, 7), group(1, 9), group(2, 11), Buffer.alloc(10_000)]);
    const damaged = Buffer.from(groups).fill(0, group(0, 7).length, group(0, 7).length + 8);
    await writeFile(join(folder, "log.0"), damaged);
    await expect(openLmdbStore({ path: folder })).rejects.toThrow(/log\.0 is damaged: 1 groups/);
    await writeFile(join(folder, "log.0"), groups);
    const store = await openLmdbStore({ path: folder });
    expect(await store.queue.depth(queueName("late-1"), NOW)).toEqual({ waiting: 9, locked: 0 });
    expect(await store.queue.depth(queueName("late-2"), NOW)).toEqual({ waiting: 11, locked: 0 });
    await store.close();
    expect(await formatOf(folder)).toBe(FORMAT_VERSION);
  });

  it("a store writes the same data as in the current fixture", async () => {
    const folder = await emptyFolder();
    const store = await openLmdbStore({ path: folder });
    await fill(store);
    await store.close();
    const again = await openLmdbStore({ path: folder });
    const expected = await readFile(join(fixtures, `format-${FORMAT_VERSION}`, "contents.json"), "utf8");
    expect(await contents(again)).toEqual(JSON.parse(expected));
    await again.close();
  });
});

/** Adds a prefix to every queue name, a change that the previous release could not read. */
const renameQueues: Migration<DataFile> = async (file) => {
  const queues = [...file.range("queues", Buffer.alloc(1))].map(({ key, value }) => ({ key, value }));
  const prefix = Buffer.from("v2/");
  await file.commit(
    queues
      .filter(({ key }) => !key.subarray(0, prefix.length).equals(prefix))
      .flatMap(({ key, value }) => [
        { table: "queues", key, value: undefined },
        { table: "queues", key: Buffer.concat([prefix, key]), value },
      ]),
  );
};

describe("a migration to another format", () => {
  it("runs once, when the data is opened, and the previous release then refuses it", async () => {
    const folder = await copyOf(FORMAT_VERSION);
    let migrated = 0;
    const migrations: Migration<DataFile>[] = [
      async (file) => {
        migrated += 1;
        await renameQueues(file);
      },
    ];
    for (let opening = 0; opening < 2; opening += 1) {
      const store = await openLmdbStore({ path: folder, migrations });
      const queues = (await store.queue.occupiedQueues()).map(({ queue }) => queue).toSorted();
      expect(queues).toEqual(["v2/uid-billing", "v2/uid-billing.deadletter", "v2/uid-warehouse"]);
      await store.close();
    }
    expect(migrated).toBe(1);
    expect(await formatOf(folder)).toBe(FORMAT_VERSION + 1);
    await expect(openLmdbStore({ path: folder })).rejects.toMatchObject({
      code: "store_unavailable",
      message:
        `${join(folder, "data.mdb")} has format ${FORMAT_VERSION + 1}, written by a newer Ringmain; ` +
        `this one reads formats up to ${FORMAT_VERSION}`,
    });
  });

  it("that is interrupted leaves the format unchanged, and runs again", async () => {
    const folder = await copyOf(FORMAT_VERSION);
    const interrupted: Migration<DataFile> = async (file) => {
      await renameQueues(file);
      throw new Error("the power went");
    };
    await expect(openLmdbStore({ path: folder, migrations: [interrupted] })).rejects.toThrow("the power went");
    expect(await formatOf(folder)).toBe(FORMAT_VERSION);
    const store = await openLmdbStore({ path: folder, migrations: [renameQueues] });
    expect(await store.queue.occupiedQueues()).toHaveLength(3);
    await store.close();
    expect(await formatOf(folder)).toBe(FORMAT_VERSION + 1);
  });

  it("is not needed for new data, which has the latest format", async () => {
    const folder = await emptyFolder();
    await (await openLmdbStore({ path: folder, migrations: [renameQueues, renameQueues] })).close();
    expect(await formatOf(folder)).toBe(FORMAT_VERSION + 2);
  });
});
