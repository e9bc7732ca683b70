import { describe, expect, it } from "vitest";
import { storedEvent } from "../../../../test/contract/store-events.ts";
import { encodeEnvelope } from "../../records/stored-envelope.ts";
import { SharedEvents } from "./shared-events.ts";

/** Returns shared events of this size, and the numbers of those that were read from the file. */
function eventsOf(bytes: number): { events: SharedEvents; read: number[] } {
  const read: number[] = [];
  const events = new SharedEvents({
    path: "data.mdb",
    get: (_table, key) => {
      const number = key.readUIntBE(0, 6);
      read.push(number);
      return number > 1_000 ? undefined : encodeEnvelope(storedEvent(String(number), bytes));
    },
  });
  return { events, read };
}

describe("SharedEvents", () => {
  it("reads an event once while it is one of the latest 64", () => {
    const { events, read } = eventsOf(60);
    for (let round = 0; round < 3; round += 1) {
      for (let number = 1; number <= 64; number += 1) expect(events.get(number).id).toBe(String(number));
    }
    expect(read).toHaveLength(64);
    events.get(65);
    events.get(64);
    events.get(1);
    expect(read.slice(64)).toEqual([65, 1]);
  });

  it("does not cache large events", () => {
    const { events, read } = eventsOf(20_000);
    for (let round = 0; round < 2; round += 1) expect(events.get(1).json).toHaveLength(20_000);
    expect(read).toEqual([1, 1]);
  });

  it("throws if the file lacks an event, each time", () => {
    const { events } = eventsOf(60);
    for (let round = 0; round < 2; round += 1) expect(() => events.get(1_001)).toThrow("data.mdb lacks event 1001");
  });
});
