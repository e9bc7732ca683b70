import { describe, expect, it } from "vitest";
import { parseListFilter } from "./list-filter.ts";

const names = ["alpha", "Beta", "it's", "alpha-beta"];
const find = (filter: string): string[] => names.filter((name) => parseListFilter(filter, ["name"])({ name }));

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
  ])("[ARM-FILTER] reads %s", (filter, found) => {
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
});
