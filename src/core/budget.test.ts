import { describe, expect, it } from "vitest";
import { Budget, type BudgetLimits } from "./budget.ts";
import type { JsonValue } from "./json.ts";

const LIMITS: BudgetLimits = { steps: 1_000, bytes: 100_000, valueBytes: 10_000, depth: 5 };

function budgetOf(limits: Partial<BudgetLimits> = {}): Budget {
  return new Budget({ ...LIMITS, ...limits }, (limit, allowed) => new Error(`${limit} ${allowed}`));
}

describe("a budget", () => {
  it("throws if more steps are spent than allowed, and keeps throwing", () => {
    const budget = budgetOf();
    budget.spend(1_000);
    expect(() => budget.spend(1)).toThrow("steps 1000");
    expect(() => budget.produce(1)).toThrow("steps 1000");
  });

  it("throws if the values together are too large, even if none is", () => {
    const budget = budgetOf();
    for (let count = 0; count < 10; count += 1) budget.produce("x".repeat(9_000));
    expect(() => budget.produce("x".repeat(9_900))).toThrow("bytes 100000");
  });

  it.each<[description: string, value: JsonValue]>([
    ["text", "x".repeat(10_001)],
    ["array", Array.from({ length: 2_000 }, () => 1)],
    ["object", Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`member${index}`, null]))],
    ["value within a value", [[["x".repeat(10_001)]]]],
  ])("throws if a %s is too large", (_description, value) => {
    expect(() => budgetOf().produce(value)).toThrow("valueBytes 10000");
  });

  it("charges a value once, however often it is produced again", () => {
    const budget = budgetOf({ steps: 100_000 });
    const value = budget.produce(Array.from({ length: 500 }, (_, index) => index));
    const { bytes } = budget.used;
    for (let count = 0; count < 100; count += 1) budget.produce(value);
    expect(budget.used.bytes).toBe(bytes);
  });

  it("counts a shared part in full in every value that contains it", () => {
    const budget = budgetOf({ steps: 100_000 });
    const value = budget.produce(Array.from({ length: 200 }, (_, index) => index));
    const twice = budget.produce([value, value]);
    expect(() => budget.produce([twice, twice])).toThrow("valueBytes 10000");
  });

  it("throws if a value is too deep, including parts that were charged before", () => {
    const budget = budgetOf({ steps: 100_000 });
    const inner = budget.produce([[["x".repeat(2_000)]]]);
    budget.produce([[inner]]);
    expect(() => budget.produce([[[inner]]])).toThrow("depth 5");
    expect(() => budgetOf().produce([[[[[[]]]]]])).toThrow("depth 5");
  });

  it("throws if evaluations are nested too deep, without counting those that have ended", () => {
    const budget = budgetOf();
    for (let round = 0; round < 3; round += 1) {
      for (let level = 0; level < 5; level += 1) budget.enter();
      for (let level = 0; level < 5; level += 1) budget.leave();
    }
    for (let level = 0; level < 5; level += 1) budget.enter();
    expect(() => budget.enter()).toThrow("depth 5");
  });

  it("charges for a search its cost in the worst case", () => {
    expect(() => budgetOf().spendOnSearch("x".repeat(5_000), "y".repeat(500))).toThrow("steps 1000");
    budgetOf().spendOnSearch("x".repeat(5_000), "y");
  });

  it("uses the same amount for the same work", () => {
    const used = [budgetOf(), budgetOf()].map((budget) => {
      budget.produce({ a: [1, "two", { b: null }] });
      budget.spendOn(["x".repeat(640)]);
      return budget.used;
    });
    expect(used[0]).toEqual(used[1]);
  });
});
