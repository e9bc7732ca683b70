import { describe, expect, it } from "vitest";
import {
  initialState,
  mergeProcessorTimes,
  processorTimeBetween,
  readProcessState,
  totalNanoseconds,
  type ProcessState,
} from "./processor-time.ts";

const MILLISECOND = 1_000_000;

function state(ticks: number, threads: Readonly<Record<string, readonly [name: string, ran: number]>>): ProcessState {
  const entries = Object.entries(threads).map(([id, [name, ran]]) => [id, { name, ran, waited: 0 }] as const);
  return { ticks, threads: new Map(entries) };
}

describe("processorTimeBetween", () => {
  it("adds up threads with one name and sorts the busiest first", () => {
    const before = state(1, { 1: ["main", 5 * MILLISECOND], 2: ["pool", 0], 3: ["pool", 1 * MILLISECOND] });
    const after = state(4, {
      1: ["main", 15 * MILLISECOND],
      2: ["pool", 7 * MILLISECOND],
      3: ["pool", 9 * MILLISECOND],
    });
    expect(processorTimeBetween("product", before, after)).toEqual({
      process: "product",
      threads: [
        { name: "pool", threads: 2, nanoseconds: 15 * MILLISECOND },
        { name: "main", threads: 1, nanoseconds: 10 * MILLISECOND },
      ],
    });
  });

  it("counts a thread that started between the readings from its start", () => {
    const time = processorTimeBetween("product", state(0, {}), state(1, { 9: ["late", 8 * MILLISECOND] }));
    expect(time.threads).toEqual([{ name: "late", threads: 1, nanoseconds: 8 * MILLISECOND }]);
  });

  it("takes the time of threads that ended between the readings from the process's ticks", () => {
    const before = state(10, { 1: ["main", 100 * MILLISECOND] });
    const after = state(60, { 1: ["main", 200 * MILLISECOND] });
    expect(processorTimeBetween("product", before, after).threads).toEqual([
      { name: "ended", threads: 1, nanoseconds: 400 * MILLISECOND },
      { name: "main", threads: 1, nanoseconds: 100 * MILLISECOND },
    ]);
  });
});

describe("mergeProcessorTimes", () => {
  it("adds up processes with one name and keeps the others separate", () => {
    const main = (nanoseconds: number) => [{ name: "main", threads: 1, nanoseconds }];
    const merged = mergeProcessorTimes([
      { process: "nats-server", threads: main(1) },
      { process: "product", threads: main(2) },
      { process: "nats-server", threads: main(4) },
    ]);
    expect(merged).toEqual([
      { process: "nats-server", threads: [{ name: "main", threads: 2, nanoseconds: 5 }] },
      { process: "product", threads: main(2) },
    ]);
  });
});

describe.runIf(process.platform === "linux")("readProcessState", () => {
  it("counts the work of this process between two readings", async () => {
    const before = await readProcessState(process.pid);
    const startedAt = process.cpuUsage();
    const spent = (): number => {
      const { user, system } = process.cpuUsage(startedAt);
      return user + system;
    };
    while (spent() < 30_000);
    const used = processorTimeBetween("this", before, await readProcessState(process.pid));
    expect(totalNanoseconds(used)).toBeGreaterThanOrEqual(30 * MILLISECOND);
    expect(used.threads.map(({ name }) => name)).toContain("main");
  });

  it("returns everything since the start when compared with the initial state", async () => {
    const used = processorTimeBetween("this", initialState(), await readProcessState(process.pid));
    const { user, system } = process.cpuUsage();
    expect(totalNanoseconds(used) / 1_000).toBeLessThanOrEqual((user + system) * 1.05 + 50_000);
    expect(totalNanoseconds(used)).toBeGreaterThan(0);
  });
});
