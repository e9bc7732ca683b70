import { describe, expect, it } from "vitest";
import type { LockToken } from "../core/delivery.ts";
import { LockTable } from "./lock-table.ts";

function tableOf(count: number): { table: LockTable<string>; locks: ReturnType<LockTable<string>["take"]>[] } {
  const table = new LockTable<string>("run");
  const locks = Array.from({ length: count }, (_, index) =>
    table.take(index + 1, `delivery ${index + 1}`, { now: 0, lockMs: 100 }),
  );
  return { table, locks };
}

describe("LockTable", () => {
  it("expires all locks that end at the same time together", () => {
    const { table, locks } = tableOf(3);
    expect(table.expire(99)).toEqual([]);
    expect(table.earliestEnd()).toBe(100);
    expect(table.expire(100)).toEqual(locks);
    expect(table.held).toBe(0);
    expect(table.earliestEnd()).toBeUndefined();
  });

  it("expires a lock once if it was renewed twice to the same time", () => {
    const { table, locks } = tableOf(2);
    const [first] = locks;
    if (first === undefined) throw new Error("no lock");
    table.renew(first, 200);
    table.renew(first, 200);
    expect(table.expire(100)).toEqual(locks.slice(1));
    expect(table.earliestEnd()).toBe(200);
    expect(table.expire(200)).toEqual([first]);
    expect(table.held).toBe(0);
  });

  it("keeps an ended delivery locked until it is deleted from the store", () => {
    const { table, locks } = tableOf(2);
    const [first, second] = locks;
    if (first === undefined || second === undefined) throw new Error("no locks");
    table.leave(first);
    expect({ held: table.held, leaving: table.leaving }).toEqual({ held: 1, leaving: 1 });
    expect(table.find(first.token, 50)).toBe("unknown-token");
    expect(table.isLocked(1)).toBe(true);
    // The lock does not expire at its time.
    expect(table.expire(100)).toEqual([second]);
    expect(table.isLocked(1)).toBe(true);
    table.end(first);
    expect({ held: table.held, leaving: table.leaving }).toEqual({ held: 0, leaving: 0 });
    expect(table.isLocked(1)).toBe(false);
  });

  it("distinguishes lost locks from tokens that were never issued", () => {
    const { table, locks } = tableOf(1);
    const [first] = locks;
    if (first === undefined) throw new Error("no lock");
    table.expire(100);
    expect(table.find(first.token, 100)).toBe("lock-lost");
    const next = table.take(1, "delivery 1", { now: 100, lockMs: 200 });
    expect(table.find(first.token, 150)).toBe("lock-lost");
    expect(table.find(next.token, 150)).toBe(next);
    for (const token of ["", "run", "run-", "run-1", "run-zz-1", "other-1-1", "run--", "run-1-"] as LockToken[]) {
      expect(table.find(token, 150), token).toBe("unknown-token");
    }
  });
});
