import { describe, expect, it } from "vitest";
import type { EventEnvelope } from "../../core/event.ts";
import type { StoreFile } from "./store-file.ts";
import { deliveryKey, type Place } from "./keys.ts";
import { AheadBudget, WaitingList, type StoredRecord } from "./waiting-list.ts";

const QUEUE = 7;
const NOW = 1_000;

/** A file in memory that counts how often it is read. */
class FakeFile {
  readonly records = new Map<string, { readonly key: Buffer; readonly value: Buffer }>();
  reads = 0;

  put({ place, record }: StoredRecord): void {
    const key = deliveryKey(QUEUE, place);
    this.records.set(key.toString("hex"), { key, value: Buffer.from(record) });
  }

  remove(place: Place): void {
    this.records.delete(deliveryKey(QUEUE, place).toString("hex"));
  }

  get(_table: string, key: Buffer): Buffer | undefined {
    this.reads += 1;
    return this.records.get(key.toString("hex"))?.value;
  }

  range(_table: string, start: Buffer, end: Buffer): { readonly key: Buffer; readonly value: Buffer }[] {
    this.reads += 1;
    return [...this.records.values()]
      .filter(({ key }) => Buffer.compare(key, start) >= 0 && Buffer.compare(key, end) < 0)
      .toSorted((one, other) => Buffer.compare(one.key, other.key));
  }
}

function setUp(budgetBytes = 1_000_000): {
  file: FakeFile;
  budget: AheadBudget;
  taken: Set<number>;
  list: WaitingList;
  arrive: (sequence: number, dueAt?: number, bytes?: number) => StoredRecord;
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
    isTaken: ({ sequence }) => taken.has(sequence),
    read: ({ place, record }) => ({
      place,
      delivery: { deliveryCount: 0, enqueuedAt: NOW, event: record },
      event: {} as EventEnvelope,
    }),
  });
  const stored = (sequence: number, dueAt = NOW, bytes = 10): StoredRecord => {
    const record = { place: { dueAt, sequence }, record: new Uint8Array(bytes) };
    file.put(record);
    return record;
  };
  return {
    file,
    budget,
    taken,
    list,
    arrive: (sequence, dueAt, bytes) => {
      const record = stored(sequence, dueAt, bytes);
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
  it("gives out what arrives without reading the file", () => {
    const { file, list, arrive, take } = setUp();
    for (let sequence = 1; sequence <= 3; sequence += 1) arrive(sequence);
    expect([take(), take(), take(), take()]).toEqual([1, 2, 3, undefined]);
    arrive(4);
    expect(list.nextDueAt()).toBe(NOW);
    expect([take(), take()]).toEqual([4, undefined]);
    expect(list.nextDueAt()).toBeUndefined();
    expect(file.reads).toBe(0);
  });

  it("keeps no more in memory than there is room for, and gives the room back", () => {
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

  it("keeps to due times, whatever came to memory first", () => {
    const { list, arrive, take } = setUp();
    const later = arrive(1, NOW + 10);
    arrive(2, NOW);
    list.add(later.place);
    expect([take(), take()]).toEqual([2, undefined]);
    expect(list.nextDueAt()).toBe(NOW + 10);
    expect([take(NOW + 10), take(NOW + 10)]).toEqual([1, undefined]);
  });

  it("gives out once what the file told of before its write was known to have ended", () => {
    const { file, taken, list, arrive, take } = setUp();
    arrive(1);
    list.reread();
    expect(take()).toBe(1);
    const early = { place: { dueAt: NOW, sequence: 2 }, record: new Uint8Array(10) };
    file.put(early);
    list.reread();
    expect(list.next(NOW, 1)?.place).toEqual(early.place);
    list.addRecord(early);
    expect(take()).toBe(2);
    // Acknowledged, and off the disk.
    taken.delete(2);
    file.remove(early.place);
    expect(take()).toBeUndefined();
  });

  it("takes a delivery back that was released into the past", () => {
    const { taken, list, arrive, take } = setUp();
    arrive(1);
    arrive(2);
    expect([take(), take()]).toEqual([1, 2]);
    arrive(3);
    taken.delete(1);
    list.add({ dueAt: NOW, sequence: 1 });
    expect([take(), take(), take()]).toEqual([1, 3, undefined]);
  });
});
