import { describe, expect, it } from "vitest";
import { parseSchedstat, parseStat } from "./proc-files.ts";

const rest = "S 17594 17594 6260 0 -1 4194304 8103 0 3 0 360 41 7 9 20 0 11 0 74633 18406461440 17378";

describe("parseStat", () => {
  it("returns the name and the sum of user and system time", () => {
    expect(parseStat(`17604 (node) ${rest}\n`)).toEqual({ name: "node", ticks: 401 });
  });

  it("reads a name with spaces and parentheses", () => {
    expect(parseStat(`17604 (a (b) c) ${rest}\n`)).toEqual({ name: "a (b) c", ticks: 401 });
  });

  it("throws if the text is cut short", () => {
    expect(() => parseStat("17604 (node) S 17594")).toThrow("not a stat file");
    expect(() => parseStat("")).toThrow("not a stat file");
  });
});

describe("parseSchedstat", () => {
  it("returns the nanoseconds run and the nanoseconds waited for a processor", () => {
    expect(parseSchedstat("393748123 71327216 193\n")).toEqual({ ran: 393_748_123, waited: 71_327_216 });
  });

  it("throws if the text is not a schedstat file", () => {
    expect(() => parseSchedstat("")).toThrow("not a schedstat file");
    expect(() => parseSchedstat("a b c")).toThrow("not a schedstat file");
  });
});
