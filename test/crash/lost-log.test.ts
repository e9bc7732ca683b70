import { createHash, randomBytes } from "node:crypto";
import { copyFile, cp, mkdir, readdir, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openLmdbStore } from "../../src/stores/lmdb/open-lmdb-store.ts";
import { repairLmdbStore } from "../../src/stores/lmdb/repair/repair-lmdb-store.ts";
import { removeFolders, runRingmain, temporaryFolder } from "../support/servers/run-ringmain.ts";
import { Publishers, topicKey } from "./publisher.ts";
import { runCli } from "./run-cli.ts";

/** Number of events, all of which wait: the subscriber does not exist. */
const EVENTS = 600;
/** Number of events that fill the first segment and begin the second one. */
const LARGE_EVENTS = 110;
const LARGE_DATA = "x".repeat(100_000);
/** Bytes of a segment's head, which its groups follow. */
const HEAD_BYTES = 4_096;

/** A data folder as a killed server left it. */
interface KilledStore {
  readonly folder: string;
  readonly acknowledged: number;
  /** A copy of the folder that contains only some of the events. */
  readonly earlier: string;
}

let small: KilledStore;
let other: KilledStore;
let large: KilledStore;
beforeAll(async () => {
  small = await killedStore(EVENTS, undefined);
  other = await killedStore(60, undefined);
  large = await killedStore(LARGE_EVENTS, LARGE_DATA);
}, 120_000);
afterAll(removeFolders);

/** Publishes, copies the folder half way, publishes more, and kills the server while the log contains everything. */
async function killedStore(events: number, data: string | undefined): Promise<KilledStore> {
  const folder = join(await temporaryFolder(), "data");
  const earlier = join(await temporaryFolder(), "earlier");
  const destination = { endpointType: "WebHook", properties: { endpointUrl: "http://127.0.0.1:9/" } };
  const config = { topics: [{ name: "orders", key1: topicKey, subscriptions: [{ name: "one", destination }] }] };
  const ringmain = await runRingmain({ config, data: folder });
  const publishers = new Publishers();
  const publish = (count: number): Promise<void> =>
    publishers.run(ringmain, {
      topics: ["orders"],
      connections: 4,
      enough: () => publishers.acknowledged.size >= count,
      ...(data !== undefined && { data }),
    });
  await publish(events / 2);
  await cp(folder, earlier, { recursive: true });
  await publish(events);
  await untilNoted(folder);
  await ringmain.kill();
  return { folder, acknowledged: publishers.acknowledged.size, earlier };
}

/** Waits until the heads of the segments stop changing: they record the log's progress a moment later. */
async function untilNoted(folder: string): Promise<void> {
  const heads = async (): Promise<string> => {
    const segments = await Promise.all(["log.0", "log.1"].map((name) => readFile(join(folder, name))));
    return Buffer.concat(segments.map((segment) => segment.subarray(0, HEAD_BYTES))).toString("hex");
  };
  for (let [before, now] = ["", await heads()]; before !== now; [before, now] = [now, await heads()]) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Copies a folder in order to damage it. */
async function copyOf({ folder }: KilledStore): Promise<string> {
  const copy = join(await temporaryFolder(), "data");
  await cp(folder, copy, { recursive: true });
  return copy;
}

/** Returns a digest of each file. */
async function snapshot(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder)).filter((name) => /^(data|log)/.test(name)).toSorted();
  const digest = async (name: string): Promise<string> =>
    createHash("sha256")
      .update(await readFile(join(folder, name)))
      .digest("hex");
  return new Map(await Promise.all(names.map(async (name) => [name, await digest(name)] as const)));
}

async function waiting(folder: string): Promise<number> {
  const store = await openLmdbStore({ path: folder });
  try {
    let sum = 0;
    for (const { queue } of await store.queue.occupiedQueues()) {
      const received = await store.queue.receive(queue, { max: 1e6, lockMs: 60_000, now: Number.MAX_SAFE_INTEGER });
      sum += received.length;
    }
    return sum;
  } finally {
    await store.close();
  }
}

/** Returns the number of bytes of a segment that contain groups. */
async function groupBytes(segment: string): Promise<number> {
  const bytes = await readFile(segment);
  return bytes.findLastIndex((byte) => byte !== 0) + 1 - HEAD_BYTES;
}

type Damage = (segment: string, store: KilledStore) => Promise<void>;
/** Damages to a segment, the expected message, and how many acknowledged events may be left. */
const damages: readonly [name: string, damage: Damage, message: RegExp, left: "none" | "some" | "all"][] = [
  ["deleted", (segment) => rm(segment), /is missing \(lost with it: at least \d+ groups/, "none"],
  ["emptied", (segment) => truncate(segment, 0), /is empty \(lost with it: at least \d+ groups/, "none"],
  [
    "zeroed",
    async (segment) => writeFile(segment, Buffer.alloc((await readFile(segment)).length)),
    /head cannot be read \(lost with it: at least \d+ groups/,
    "none",
  ],
  [
    "overwritten at random",
    async (segment) => writeFile(segment, randomBytes((await readFile(segment)).length)),
    /head cannot be read \(lost with it: at least \d+ groups/,
    "none",
  ],
  [
    "cut off in the middle of its groups",
    async (segment) => truncate(segment, HEAD_BYTES + Math.floor((await groupBytes(segment)) / 2)),
    /is cut off|ends after \d+ of at least \d+ groups/,
    "some",
  ],
  [
    "zeroed from the middle of its groups on",
    async (segment) => {
      const bytes = await readFile(segment);
      await writeFile(segment, bytes.fill(0, HEAD_BYTES + Math.floor((await groupBytes(segment)) / 2)));
    },
    /ends after \d+ of at least \d+ groups of writes \(lost with it: at least \d+ groups/,
    "some",
  ],
  [
    "zeroed at its very end",
    async (segment) => {
      const bytes = await readFile(segment);
      await writeFile(segment, bytes.fill(0, HEAD_BYTES + (await groupBytes(segment)) - 10));
    },
    /ends after \d+ of at least \d+ groups of writes \(lost with it: at least 1 groups/,
    "some",
  ],
  [
    "damaged in the middle of a group",
    async (segment) => {
      const bytes = await readFile(segment);
      const middle = HEAD_BYTES + Math.floor((await groupBytes(segment)) / 2);
      bytes.fill(0x5a, middle, middle + 10);
      await writeFile(segment, bytes);
    },
    /is damaged: \d+ groups of writes in it cannot be read/,
    "some",
  ],
  [
    "damaged in its head",
    async (segment) => {
      const bytes = await readFile(segment);
      await writeFile(segment, bytes.fill(0x5a, 0, 40));
    },
    /is damaged: its head cannot be read/,
    "all",
  ],
  [
    "replaced by another store's",
    (segment) => copyFile(join(other.folder, "log.1"), segment),
    /belongs to another store, or to another state of this one \(lost with it: at least \d+ groups/,
    "none",
  ],
  [
    "replaced by an older copy",
    (segment, { earlier }) => copyFile(join(earlier, "log.1"), segment),
    /ends after \d+ of at least \d+ groups|is cut off/,
    "some",
  ],
];

describe("a log segment with acknowledged events", () => {
  for (const [name, damage, message, left] of damages) {
    it(`${name}: is refused unchanged with the extent of the loss, and repaired as far as possible`, async () => {
      const folder = await copyOf(small);
      await damage(join(folder, "log.1"), small);
      const before = await snapshot(folder);
      await expect(openLmdbStore({ path: folder })).rejects.toMatchObject({
        code: "store_unavailable",
        message: expect.stringMatching(message) as string,
      });
      await expect(openLmdbStore({ path: folder })).rejects.toThrow(`'ringmain repair --data ${folder}'`);
      expect(await snapshot(folder)).toEqual(before);
      const report = await repairLmdbStore({ path: folder, label: "test" });
      const after = await waiting(folder);
      expect(report.deliveries.recovered).toBe(after);
      expect(report.log.problems).toEqual([expect.stringMatching(message)]);
      if (left === "all") {
        expect([after, report.log.lost, report.mayRepeat]).toEqual([small.acknowledged, 0, false]);
      } else {
        expect(report.log.lost).toBeGreaterThan(0);
        expect(report.mayRepeat).toBe(true);
        expect(after).toBeLessThan(small.acknowledged);
        expect(after > 0).toBe(left === "some");
      }
    });
  }

  it("under the other one's name is refused, and a repair loses no events", async () => {
    const folder = await copyOf(small);
    await rename(join(folder, "log.1"), join(folder, "swap"));
    await rename(join(folder, "log.0"), join(folder, "log.1"));
    await rename(join(folder, "swap"), join(folder, "log.0"));
    await expect(openLmdbStore({ path: folder })).rejects.toMatchObject({ code: "store_unavailable" });
    const report = await repairLmdbStore({ path: folder, label: "test" });
    expect([report.deliveries.recovered, report.log.lost]).toEqual([small.acknowledged, 0]);
    expect(await waiting(folder)).toBe(small.acknowledged);
  });

  it("without needed events may be missing, but must not belong to another store", async () => {
    const folder = await copyOf(small);
    await rm(join(folder, "log.0"));
    expect(await waiting(folder)).toBe(small.acknowledged);
    const foreign = await copyOf(small);
    await copyFile(join(other.folder, "log.1"), join(foreign, "log.0"));
    await expect(openLmdbStore({ path: foreign })).rejects.toThrow(
      /log\.0 holds \d+ groups of writes of another store/,
    );
  });

  it("is kept under another name by a repair", async () => {
    const folder = await copyOf(small);
    await truncate(join(folder, "log.1"), 100_000);
    const damaged = await readFile(join(folder, "log.1"));
    await repairLmdbStore({ path: folder, label: "test" });
    expect(damaged.equals(await readFile(join(folder, "log.1.damaged-test")))).toBe(true);
  });

  it("is refused by the command line with a remedy, which starts after a repair", async () => {
    const folder = await copyOf(small);
    await rm(join(folder, "log.1"));
    const start = await runCli(["start", "--data", folder, "--port", "0"], folder);
    expect(start).toMatchObject({ code: 1, signal: null, output: "" });
    expect(start.errors).toContain(`${join(folder, "log.1")} is missing (lost with it: at least `);
    expect(start.errors).toContain(`'ringmain repair --data ${folder}'`);
    const repaired = await runCli(["repair", "--data", folder, "--no-json"], folder);
    expect(repaired).toMatchObject({ code: 0, errors: "" });
    expect(repaired.output).toMatch(/groups in log +0 recovered +\d+ lost/);
    expect(repaired.output).toContain(`${join(folder, "log.1")} is missing`);
    expect(repaired.output).toContain("Events that were published in lost groups are lost");
    expect(await waiting(folder)).toBe(0);
  });
});

describe("a log whose first segment is full", () => {
  it("has all events after a kill", async () => {
    expect(await waiting(await copyOf(large))).toBe(large.acknowledged);
  });

  for (const name of ["log.0", "log.1"]) {
    it(`is refused without ${name} unless the data file has its events`, async () => {
      const folder = await copyOf(large);
      await rm(join(folder, name));
      const found = await waiting(folder).catch((error: unknown) => error);
      if (typeof found === "number") expect(found).toBe(large.acknowledged);
      else {
        expect(found).toMatchObject({ code: "store_unavailable" });
        const report = await repairLmdbStore({ path: folder, label: "test" });
        expect(report.log.lost).toBeGreaterThan(0);
        expect(report.deliveries.recovered).toBeLessThan(large.acknowledged);
      }
    });
  }
});

describe("a copy of data.mdb alone", () => {
  it("is refused if the store was not stopped", async () => {
    const copy = join(await temporaryFolder(), "data");
    await mkdir(copy);
    await copyFile(join(small.folder, "data.mdb"), join(copy, "data.mdb"));
    await expect(openLmdbStore({ path: copy })).rejects.toThrow(/log\.1 is missing/);
  });

  it("is complete once the store was stopped, with or without other files", async () => {
    const stopped = await copyOf(small);
    await (await openLmdbStore({ path: stopped })).close();
    const copy = join(await temporaryFolder(), "data");
    await mkdir(copy);
    await copyFile(join(stopped, "data.mdb"), join(copy, "data.mdb"));
    expect(await waiting(copy)).toBe(small.acknowledged);
    for (const name of ["log.0", "log.1"]) await writeFile(join(stopped, name), randomBytes(1_000));
    expect(await waiting(stopped)).toBe(small.acknowledged);
  });
});

describe("a log without its data file", () => {
  it("is refused, and repaired with the data of the log", async () => {
    const folder = await copyOf(small);
    await rm(join(folder, "data.mdb"));
    await expect(openLmdbStore({ path: folder })).rejects.toMatchObject({
      code: "store_unavailable",
      message: expect.stringMatching(
        /data\.mdb is missing, although the folder has log\.0, log\.1, lock\.mdb/,
      ) as string,
    });
    const repaired = await runCli(["repair", "--data", folder, "--no-json"], folder);
    expect(repaired).toMatchObject({ code: 0, errors: "" });
    expect(repaired.output).toContain("There was no data file");
    expect(await waiting(folder)).toBe(small.acknowledged);
  });

  it("is distinguished from a new folder even if both segments are missing", async () => {
    const folder = await copyOf(small);
    for (const name of ["data.mdb", "log.0", "log.1"]) await rm(join(folder, name));
    await expect(openLmdbStore({ path: folder })).rejects.toThrow("although the folder has lock.mdb");
  });
});
