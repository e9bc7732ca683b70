import { describe, expect, it } from "vitest";
import { memoOfLast } from "./memo-of-last.ts";

describe("memoOfLast", () => {
  it("computes once while the key stays the same, and again when it changes back", () => {
    const computed: string[] = [];
    const upper = memoOfLast((key) => {
      computed.push(key);
      return key.toUpperCase();
    });
    expect([upper("a"), upper("a"), upper("b"), upper("a")]).toEqual(["A", "A", "B", "A"]);
    expect(computed).toEqual(["a", "b", "a"]);
  });

  it("keeps a result that is undefined", () => {
    let calls = 0;
    const nothing = memoOfLast(() => {
      calls += 1;
    });
    nothing("");
    nothing("");
    expect(calls).toBe(1);
  });
});
