import { copyFile, mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { seededRandom, type SeededRandom } from "../../../../test/support/fixtures/seeded-random.ts";
import { DataFile, type TableWrite } from "../file/data-file.ts";
import { obtainLogState } from "./log-state.ts";
import { StoreFile } from "./store-file.ts";

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ringmain-store-file-"));
  folders.push(folder);
  return folder;
}

/** A data file that commits a limited number of transactions, as on a full disk, or as if the process were killed. */
class LimitedFile extends DataFile {
  left = Number.POSITIVE_INFINITY;

  override async commit(writes: readonly TableWrite[]): Promise<void> {
    await Promise.resolve();
    if (this.left <= 0) throw new Error("no more");
    this.left -= 1;
    await super.commit(writes);
  }
}

async function open(folder: string, segmentBytes: number): Promise<{ file: StoreFile; data: LimitedFile }> {
  const data = new LimitedFile(folder);
  return { data, file: new StoreFile(data, await obtainLogState(data), segmentBytes) };
}

/** The expected contents of a store, by table and key. */
type Model = Map<string, string>;
const TABLES = ["events", "deliveries"] as const;

function contentsOf(file: StoreFile): Model {
  const found: Model = new Map();
  for (const table of TABLES) {
    for (const { key, value } of file.range(table, Buffer.alloc(1)))
      found.set(`${table} ${String(key)}`, String(value));
  }
  return found;
}

/** Creates some writes (new keys, known keys, removals) and applies them to the model. */
function someWrites(random: SeededRandom, model: Model, next: () => number): TableWrite[] {
  return Array.from({ length: 1 + random.below(12) }, (): TableWrite => {
    const table = random.pick(TABLES);
    const known = [...model.keys()].filter((name) => name.startsWith(table));
    const fresh = known.length === 0 || random.next() < 0.5;
    const name = fresh ? `key-${String(next()).padStart(6, "0")}` : random.pick(known).slice(table.length + 1);
    const key = Buffer.from(name);
    if (!fresh && random.next() < 0.7) {
      model.delete(`${table} ${name}`);
      return { table, key, value: undefined };
    }
    const value = `${name} ${random.below(1e9)}`;
    model.set(`${table} ${name}`, value);
    return { table, key, value: Buffer.from(value), ...(fresh && { isNew: true }) };
  });
}

describe("StoreFile", () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    it(
      `contains all commits after failed checkpoints and processes that ended at any point (seed ${seed})`,
      { timeout: 60_000 },
      async () => {
        const random = seededRandom(seed);
        const folder = await emptyFolder();
        const model: Model = new Map();
        let keys = 0;
        for (let life = 0; life < 12; life += 1) {
          const { file, data } = await open(folder, 200 + random.below(3_000));
          expect(contentsOf(file), `life ${life}`).toEqual(model);
          if (random.next() < 0.5) data.left = random.below(8);
          for (let commits = random.below(80); commits > 0; commits -= 1) {
            const before = new Map(model);
            const writes = someWrites(random, model, () => (keys += 1));
            try {
              await file.commit(writes);
            } catch {
              // Refused completely.
              model.clear();
              for (const [name, value] of before) model.set(name, value);
            }
            if (random.next() < 0.2) expect(contentsOf(file), `life ${life}`).toEqual(model);
            if (random.next() < 0.05) await file.checkpoint().catch(() => {});
          }
          const [table, start] = [
            random.pick(TABLES),
            Buffer.from(`key-${String(random.below(keys + 1)).padStart(6, "0")}`),
          ];
          const expected = [...model.keys()].filter(
            (name) => name >= `${table} ${String(start)}` && name.startsWith(table),
          );
          expect(Array.from(file.range(table, start), ({ key }) => `${table} ${String(key)}`)).toEqual(
            expected.toSorted(),
          );
          // A killed process writes nothing more. A stopped one leaves an empty log.
          if (random.next() < 0.7) data.left = 0;
          await file.close();
        }
      },
    );
  }

  it("does not write entries to the data file that were added and removed within a segment", async () => {
    const folder = await emptyFolder();
    const { file, data } = await open(folder, 1_000_000);
    const key = Buffer.from("passing");
    await file.commit([{ table: "events", key, value: Buffer.from("x"), isNew: true }]);
    expect(file.get("events", key)).toEqual(Buffer.from("x"));
    await file.commit([{ table: "events", key, value: undefined }]);
    // Only the state of the log remains to be written.
    data.left = 1;
    await file.checkpoint();
    await file.close();
  });

  it("refuses arrivals, but not removals, while the log is full and the data file cannot be written, and recovers", async () => {
    const { file, data } = await open(await emptyFolder(), 500);
    const add = (id: number): Promise<void> => {
      const refusal = file.findRefusal({ bytes: 100, longest: 100, purpose: "arriving" }, 0);
      if (refusal !== undefined) throw refusal;
      return file.commit([{ table: "events", key: Buffer.from(`key ${id}`), value: Buffer.alloc(100), isNew: true }]);
    };
    // The beginning of the log is the last write that succeeds.
    data.left = 1;
    let added = 0;
    const fill = async (): Promise<void> => {
      for (;;) {
        await add(added);
        added += 1;
      }
    };
    await expect(fill()).rejects.toMatchObject({ code: "store_unavailable" });
    expect(added).toBeGreaterThan(5);
    await file.commit([{ table: "events", key: Buffer.from("key 0"), value: undefined }]);
    expect(contentsOf(file).size).toBe(added - 1);
    data.left = Number.POSITIVE_INFINITY;
    await file.checkpoint();
    await add(added);
    expect(contentsOf(file).size).toBe(added);
    await file.close();
  });

  for (const [name, damage] of [
    ["missing", (segment: string) => rm(segment)],
    ["emptied", (segment: string) => truncate(segment, 0)],
    ["cut off", (segment: string) => truncate(segment, 4_200)],
  ] as const) {
    it(`refuses each of two needed segments that is ${name}, and reports the lost groups`, async () => {
      for (const segment of ["log.0", "log.1"]) {
        const folder = await emptyFolder();
        const { file, data } = await open(folder, 2_000);
        // The data file receives only the beginning of the log.
        data.left = 1;
        const write = (id: number): Promise<void> =>
          file.commit([{ table: "events", key: Buffer.from(`key ${id}`), value: Buffer.alloc(300) }]);
        for (let id = 0; id < 8; id += 1) await write(id);
        await file.close();
        const whole = await open(folder, 2_000);
        expect(contentsOf(whole.file).size).toBe(8);
        whole.data.left = 0;
        await whole.file.close();
        await damage(join(folder, segment));
        await expect(open(folder, 2_000)).rejects.toMatchObject({
          code: "store_unavailable",
          message: expect.stringMatching(new RegExp(`${segment} .*\\(lost with it: at least \\d groups`)) as string,
        });
      }
    });
  }

  it("refuses a log that continues a later state than that of the data file", async () => {
    const folder = await emptyFolder();
    const { file, data } = await open(folder, 2_000);
    const write = (id: number): Promise<void> =>
      file.commit([{ table: "events", key: Buffer.from(`key ${id}`), value: Buffer.alloc(300) }]);
    await write(0);
    const older = join(await emptyFolder(), "data.mdb");
    await copyFile(file.path, older);
    for (let id = 1; id < 30; id += 1) await write(id);
    data.left = 0;
    await file.close();
    const again = await open(folder, 2_000);
    again.data.left = 0;
    await again.file.close();
    await copyFile(older, join(folder, "data.mdb"));
    await expect(open(folder, 2_000)).rejects.toThrow("goes on from a later state than its data.mdb has");
  });
});
