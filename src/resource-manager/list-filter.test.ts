import { describe, expect, it } from "vitest";
import { createFilterBudget, parseListFilter } from "./list-filter.ts";

const names = ["alpha", "Beta", "it's", "alpha-beta"];
const find = (filter: string): string[] => {
  const matches = parseListFilter(filter, ["name"]);
  const budget = createFilterBudget();
  return names.filter((name) => matches({ name }, budget));
};

describe("parseListFilter", () => {
  it.each([
    ["", names],
    ["name eq 'ALPHA'", ["alpha"]],
    ["name ne 'alpha'", ["Beta", "it's", "alpha-beta"]],
    ["contains(name, 'bet')", ["Beta", "alpha-beta"]],
    ["substringof('bet', name)", ["Beta", "alpha-beta"]],
    ["name eq 'it''s'", ["it's"]],
    ["contains(name,'alpha') and contains(name,'beta')", ["alpha-beta"]],
    ["name eq 'beta' or name eq 'alpha' and name eq 'it''s'", ["Beta"]],
    ["(name eq 'beta' or name eq 'alpha') and not contains(name,'b')", ["alpha"]],
    ["NOT (NAME EQ 'alpha') AND NOT contains(name,'t')", []],
  ])("[ARM-FILTER] parses %s", (filter, found) => {
    expect(find(filter)).toEqual(found);
  });

  it.each([
    "name",
    "name eq",
    "name eq alpha",
    "name gt 'a'",
    "contains(name)",
    "(name eq 'a'",
    "name eq 'a')",
    "name eq 'a' name",
    "name eq 'a",
    "; drop",
    "location eq 'x'",
    `${"not ".repeat(40)}name eq 'a'`,
    `${"(".repeat(40)}name eq 'a'${")".repeat(40)}`,
    `name eq '${"x".repeat(5_000)}'`,
  ])("[ARM-FILTER] refuses %.20s", (filter) => {
    expect(() => parseListFilter(filter, ["name"])).toThrow(expect.objectContaining({ code: "invalid_request" }));
  });

  it("[ARM-FILTER-LIMIT] charges for every comparison and throws when the budget is used up", () => {
    const matches = parseListFilter("name eq 'a' or name eq 'b' or contains(name,'c')", ["name"]);
    const budget = createFilterBudget(7);
    expect(matches({ name: "x" }, budget)).toBe(false);
    expect(budget.used.steps).toBeGreaterThanOrEqual(3);
    expect(matches({ name: "a" }, budget)).toBe(true);
    expect(() => {
      for (let round = 0; round < 7; round += 1) matches({ name: "y" }, budget);
    }).toThrow(
      expect.objectContaining({
        code: "invalid_request",
        message: "The $filter takes more than 7 comparisons with what is listed. Ask for less at a time.",
      }),
    );
  });

  it("[ARM-FILTER-LIMIT] charges more for the search of a long part in a long text", () => {
    const matches = parseListFilter(`contains(name,'${"a".repeat(2_000)}b')`, ["name"]);
    const budget = createFilterBudget();
    matches({ name: "a".repeat(4_000) }, budget);
    expect(budget.used.steps).toBeGreaterThan(30_000);
  });
});
