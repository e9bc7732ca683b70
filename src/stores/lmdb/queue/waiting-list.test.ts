import { describe, expect, it } from "vitest";
import { joinPacks } from "../../records/delivery-pack.ts";
import type { EventEnvelope } from "../../../core/event.ts";
import type { StoreFile } from "../log/store-file.ts";
import { AheadBudget, type StoredRecord } from "./ahead-list.ts";
import { DeliveryBits } from "./delivery-pack.ts";
import { nth, recordKey, singlePlace, type RecordPlace } from "../file/keys.ts";
import { WaitingList } from "./waiting-list.ts";

const QUEUE = 7;
const NOW = 1_000;

/** A file in memory that counts its reads. */
class FakeFile {
  readonly records = new Map<string, { readonly table: string; readonly key: Buffer; readonly value: Buffer }>();
  reads = 0;

  put({ place, record }: StoredRecord, table = "deliveries"): void {
    const key = recordKey(QUEUE, place);
    this.records.set(`${table} ${key.toString("hex")}`, { table, key, value: record });
  }

  remove(place: RecordPlace): void {
    this.records.delete(`deliveries ${recordKey(QUEUE, place).toString("hex")}`);
  }

  get(table: string, key: Buffer) {
    this.reads += 1;
    return this.records.get(`${table} ${key.toString("hex")}`)?.value;
  }

  range(wanted: string, start: Buffer, end: Buffer): { readonly key: Buffer; readonly value: Buffer }[] {
    this.reads += 1;
    return [...this.records.values()]
      .filter(({ table, key }) => table === wanted && Buffer.compare(key, start) >= 0 && Buffer.compare(key, end) < 0)
      .toSorted((one, other) => Buffer.compare(one.key, other.key));
  }
}

function setUp(budgetBytes = 1_000_000): {
  file: FakeFile;
  budget: AheadBudget;
  taken: Set<number>;
  list: WaitingList;
  arrive: (sequence: number, dueAt?: number, size?: number) => StoredRecord;
  take: (now?: number) => number | undefined;
} {
  const file = new FakeFile();
  const budget = new AheadBudget(budgetBytes);
  const taken = new Set<number>();
  const list = new WaitingList({
    file: file as unknown as StoreFile,
    queueId: QUEUE,
    budget,
    empty: true,
    isTaken: (sequence) => taken.has(sequence),
    read: ({ place, record }) => ({
      place,
      delivery: { deliveryCount: 0, enqueuedAt: NOW, event: record.length },
      event: {} as EventEnvelope,
    }),
  });
  const stored = (sequence: number, dueAt = NOW, size = 1): StoredRecord => {
    const packs = Array.from({ length: size }, () => ({ bytes: Buffer.alloc(10), size: 1 }));
    const record = { place: { dueAt, sequence, size }, record: joinPacks(packs).bytes };
    file.put(record);
    return record;
  };
  return {
    file,
    budget,
    taken,
    list,
    arrive: (sequence, dueAt, size) => {
      const record = stored(sequence, dueAt, size);
      list.addRecord(record);
      return record;
    },
    take: (now = NOW) => {
      const next = list.next(now, 1);
      if (next === undefined) return undefined;
      list.take(next);
      taken.add(next.place.sequence);
      return next.place.sequence;
    },
  };
}

describe("WaitingList", () => {
  it("returns new deliveries without reading the file", () => {
    const { file, list, arrive, take } = setUp();
    for (let sequence = 1; sequence <= 3; sequence += 1) arrive(sequence);
    expect([take(), take(), take(), take()]).toEqual([1, 2, 3, undefined]);
    arrive(4);
    expect(list.nextDueAt()).toBe(NOW);
    expect([take(), take()]).toEqual([4, undefined]);
    expect(list.nextDueAt()).toBeUndefined();
    expect(file.reads).toBe(0);
  });

  it("keeps only as much in memory as the budget allows, and releases the budget", () => {
    const { budget, list, arrive, take } = setUp(1_000);
    for (let sequence = 1; sequence <= 20; sequence += 1) arrive(sequence);
    expect(budget.left).toBeGreaterThanOrEqual(0);
    expect(budget.left).toBeLessThan(500);
    const order = Array.from({ length: 21 }, () => take());
    expect(order).toEqual([...Array.from({ length: 20 }, (_, index) => index + 1), undefined]);
    expect(budget.left).toBe(1_000);
    arrive(21);
    list.clear();
    expect(budget.left).toBe(1_000);
  });

  it("keeps the order of due times when later deliveries were in memory first", () => {
    const { list, arrive, take } = setUp();
    const later = arrive(1, NOW + 10);
    arrive(2, NOW);
    list.add(nth(later.place, 0));
    expect([take(), take()]).toEqual([2, undefined]);
    expect(list.nextDueAt()).toBe(NOW + 10);
    expect([take(NOW + 10), take(NOW + 10)]).toEqual([1, undefined]);
  });

  it("returns a delivery once that was read from the file before its write had ended", () => {
    const { file, taken, list, arrive, take } = setUp();
    arrive(1);
    list.reread();
    expect(take()).toBe(1);
    const early = { place: { dueAt: NOW, sequence: 2, size: 1 }, record: Buffer.alloc(10) };
    file.put(early);
    list.reread();
    expect(list.next(NOW, 1)?.place.record).toEqual(early.place);
    list.addRecord(early);
    expect(take()).toBe(2);
    // Acknowledged and deleted from the disk.
    taken.delete(2);
    file.remove(early.place);
    expect(take()).toBeUndefined();
  });

  it("returns a delivery again that was released to a time in the past", () => {
    const { taken, list, arrive, take } = setUp();
    arrive(1);
    arrive(2);
    expect([take(), take()]).toEqual([1, 2]);
    arrive(3);
    taken.delete(1);
    list.add(singlePlace(NOW, 1));
    expect([take(), take(), take()]).toEqual([1, 3, undefined]);
  });

  it("returns the deliveries of a pack one by one, and again when their locks have run out", () => {
    const { file, budget, taken, list, arrive, take } = setUp();
    const { place } = arrive(1, NOW, 3);
    arrive(4);
    expect([take(), take()]).toEqual([1, 2]);
    expect(file.reads).toBe(0);
    taken.delete(1);
    list.add(nth(place, 0));
    expect([take(), take(), take(), take()]).toEqual([1, 3, 4, undefined]);
    expect(budget.left).toBe(1_000_000);
  });

  it("skips the ended and taken deliveries of a pack that it reads", () => {
    const { file, taken, list, arrive, take } = setUp();
    const { place } = arrive(1, NOW, 12);
    const ended = new DeliveryBits(12);
    for (const index of [0, 2, 9]) ended.add(index);
    file.put({ place, record: ended.bytes }, "ended");
    taken.add(5);
    list.reread();
    expect([take(), take(), take()]).toEqual([2, 4, 6]);
    // Acknowledged while the pack is in memory, so it is not returned again.
    taken.delete(5);
    ended.add(4);
    expect(Array.from({ length: 7 }, () => take())).toEqual([7, 8, 9, 11, 12, undefined, undefined]);
    expect(list.nextDueAt()).toBeUndefined();
  });

  it("reads packs again from the first returned delivery if many were returned", () => {
    const { taken, list, arrive, take } = setUp();
    const packs = Array.from({ length: 21 }, (_, index) => arrive(1 + 500 * index, NOW + index, 500).place);
    const all = Array.from({ length: 21 * 500 }, (_, index) => index + 1);
    expect(all.map(() => take(NOW + 21))).toEqual(all);
    taken.clear();
    for (const place of packs) for (let index = 0; index < 500; index += 1) list.add(nth(place, index));
    expect(all.map(() => take(NOW + 21))).toEqual(all);
    expect(take(NOW + 21)).toBeUndefined();
  });

  it("returns a new pack whose place is before the deliveries that were read", () => {
    const { list, arrive, take } = setUp();
    arrive(1, NOW);
    expect(take()).toBe(1);
    arrive(2, NOW - 5, 3);
    expect(list.nextDueAt()).toBe(NOW - 5);
    expect([take(), take(), take(), take()]).toEqual([2, 3, 4, undefined]);
  });
});
