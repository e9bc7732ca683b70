import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DataFile, type TableWrite } from "./data-file.ts";
import { usableBytes } from "./file-space.ts";

const PAGE = 4_096;
let folder: string;
let file: DataFile;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ringmain-space-"));
  file = new DataFile(folder);
});
afterEach(async () => {
  await file.close();
  await rm(folder, { recursive: true });
});

function event(id: number, bytes: number | undefined): TableWrite {
  return {
    table: "events",
    key: Buffer.from(`key ${id}`),
    value: bytes === undefined ? undefined : Buffer.alloc(bytes),
  };
}

function size(): Promise<number> {
  return stat(file.path).then(({ size: bytes }) => bytes);
}

describe("usableBytes", () => {
  it("counts only adjacent pages for values that need several", () => {
    const space = { pageBytes: PAGE, tail: 3, runs: [1, 1, 5] };
    expect(usableBytes(space, 100)).toBe(10 * PAGE);
    expect(usableBytes(space, 8_000)).toBe(6 * PAGE);
    expect(usableBytes(space, 5 * PAGE)).toBe(0);
  });
});

describe("DataFile", () => {
  it("uses the extension before it grows, and measures the remaining space", async () => {
    await file.extend(1_000_000);
    const [before, bytes] = [usableBytes(file.measureSpace(), 0), await size()];
    expect(before).toBeGreaterThanOrEqual(1_000_000 - PAGE);
    for (let id = 0; id < 8; id += 1) await file.commit([event(id, 100_000)]);
    expect(await size()).toBe(bytes);
    const left = usableBytes(file.measureSpace(), 0);
    expect(left).toBeLessThan(before - 800_000);
    await file.commit([event(9, left + PAGE)]);
    expect(await size()).toBeGreaterThan(bytes);
  });

  it("counts freed pages when the next transaction may use them", async () => {
    const ids = Array.from({ length: 50 }, (_, id) => id);
    await file.commit(ids.map((id) => event(id, 10_000)));
    await file.commit([event(100, 10)]);
    const full = usableBytes(file.measureSpace(), 10_000);
    await file.commit(ids.map((id) => event(id, undefined)));
    // Pages that the latest transaction freed are still used by the state before it.
    expect(usableBytes(file.measureSpace(), 10_000)).toBe(full);
    await file.commit([event(101, 10)]);
    expect(usableBytes(file.measureSpace(), 10_000)).toBeGreaterThan(full + 450_000);
    const bytes = await size();
    await file.commit(ids.slice(1).map((id) => event(id, 10_000)));
    expect(await size()).toBe(bytes);
  });

  it("can be extended while transactions are written", async () => {
    const commits = async (): Promise<void> => {
      for (let id = 0; id < 40; id += 1) await file.commit([event(id, 50_000)]);
    };
    const extensions = async (): Promise<void> => {
      for (let count = 0; count < 40; count += 1) await file.extend(60_000);
    };
    await Promise.all([commits(), extensions()]);
    const values = Array.from(file.range("events", Buffer.alloc(1)), ({ value }) => value.length);
    expect(values).toEqual(Array.from({ length: 40 }, () => 50_000));
  });
});
