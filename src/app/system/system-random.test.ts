import { describe, expect, it } from "vitest";
import { systemRandom } from "./system-random.ts";

describe("systemRandom", () => {
  it("returns unique UUIDs of version 4", () => {
    const uuids = Array.from({ length: 1_000 }, () => systemRandom.uuid());
    for (const uuid of uuids) expect(uuid).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(new Set(uuids).size).toBe(uuids.length);
  });

  it("returns every digit at every random position", () => {
    const seen = Array.from({ length: 36 }, () => new Set<string>());
    for (let count = 0; count < 2_000; count += 1) {
      for (const [place, digit] of Array.from(systemRandom.uuid()).entries()) seen[place]?.add(digit);
    }
    const digits = seen.map(({ size }) => size);
    const wanted = Array.from("xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx", (digit) => ({ x: 16, y: 4 })[digit] ?? 1);
    expect(digits).toEqual(wanted);
  });
});
