import { describe, expect, it } from "vitest";
import { nearestName } from "./nearest-name.ts";

describe("nearestName", () => {
  it("returns a similar name, in any case", () => {
    expect(nearestName("SUBJCT", ["topic", "subject"])).toBe("subject");
    expect(nearestName("color", ["topic", "subject"])).toBeUndefined();
  });

  it.each([65, 200, 1_400_000])("returns nothing for %i characters, and compares no candidate", (length) => {
    const candidates = new Proxy(["subject"], {
      get: () => {
        throw new Error("a candidate was read");
      },
    });
    expect(nearestName("a".repeat(length), candidates)).toBeUndefined();
  });

  it("compares names of 64 characters", () => {
    const name = "a".repeat(64);
    expect(nearestName(name, ["subject", `${name}b`])).toBe(`${name}b`);
  });
});
