import { describe, expect, it } from "vitest";
import type { TableWrite } from "../../file/data-file.ts";
import { GroupEncoder } from "./group-record.ts";
import { readSegment } from "./read-segment.ts";

const salt = Buffer.from("12345678");

const write = (text: string): TableWrite => ({
  table: "events",
  key: Buffer.from(`key ${text}`),
  value: Buffer.from(text),
});
const removal: TableWrite = { table: "queues", key: Buffer.from("gone"), value: undefined };

function record(generation: number, number: number, writes: readonly TableWrite[], by: Buffer = salt): Buffer {
  return Buffer.from(new GroupEncoder(by).encode(writes, { generation, number }));
}

function read(...parts: readonly Buffer[]): ReturnType<typeof readSegment> {
  return readSegment(Buffer.concat(parts), salt);
}

/** Returns the texts of all groups. */
function texts(contents: ReturnType<typeof readSegment>): string[] | undefined {
  return contents?.groups.map(({ writes }) => writes.map(({ value }) => String(value)).join());
}

const [one, two, three] = [record(5, 0, [write("a"), removal]), record(5, 1, [write("b")]), record(5, 2, [write("c")])];

describe("readSegment", () => {
  it("returns the written groups, including removals", () => {
    const contents = read(one, two, Buffer.alloc(500));
    expect(contents).toMatchObject({ generation: 5, lost: 0 });
    expect(contents?.groups[0]?.writes).toEqual([write("a"), removal]);
    expect(contents?.groups.map(({ number, end }) => [number, end])).toEqual([
      [0, one.length],
      [1, one.length + two.length],
    ]);
  });

  it("returns undefined for an empty file and for zeros", () => {
    expect(read()).toBeUndefined();
    expect(read(Buffer.alloc(3_000))).toBeUndefined();
  });

  it("ignores a last group that is cut off at any byte", () => {
    for (let bytes = 0; bytes < two.length; bytes += 1) {
      const contents = read(one, two.subarray(0, bytes));
      expect([texts(contents), contents?.lost]).toEqual([["a,undefined"], 0]);
    }
  });

  it("reports a group as lost that is damaged at any byte before another one", () => {
    for (let at = 0; at < two.length; at += 1) {
      const broken = Buffer.from(two);
      broken[at] = (broken[at] ?? 0) ^ 0x55;
      const contents = read(one, broken, three);
      expect([texts(contents), contents?.lost], `byte ${at}`).toEqual([["a,undefined", "c"], 1]);
    }
  });

  it("reports a damaged first group as lost", () => {
    const contents = read(Buffer.alloc(one.length), two, three);
    expect([texts(contents), contents?.lost]).toEqual([["b", "c"], 1]);
  });

  it("ignores groups of an earlier generation behind the latest", () => {
    const contents = read(one, two.subarray(0, 9), record(3, 1, [write("old")]), record(3, 2, [write("old")]));
    expect([contents?.generation, texts(contents), contents?.lost]).toEqual([5, ["a,undefined"], 0]);
  });

  it("ignores a record within an event, which cannot have the store's salt", () => {
    const forged = record(9, 0, [write("forged")], Buffer.from("guessed!"));
    const contents = read(record(5, 0, [{ table: "events", key: Buffer.from("k"), value: forged }]), forged);
    expect([contents?.generation, contents?.groups.length]).toEqual([5, 1]);
  });
});
