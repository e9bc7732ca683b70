import { assert, nat, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { plainlyMatches } from "../../../test/support/filters/plain-rules.ts";
import { filterableEvent, RandomFilters } from "../../../test/support/filters/random-filters.ts";
import type { InputSchema, PublishedEvent } from "../../core/event.ts";
import type { AdvancedFilterDescription, FilterDescription } from "../../core/filter/description.ts";
import type { FilterRules } from "../../core/filter/shared-keys.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { MatchingSlice } from "./matching-slice.ts";
import { compileRoutingTable, type RoutingTable } from "./routing-table.ts";

const event = filterableEvent;

function basic(schema: InputSchema): FilterRules {
  return { schema, tier: "basic" };
}

function matching(filters: readonly FilterDescription[], published: PublishedEvent): readonly number[] {
  const table = compileRoutingTable(
    basic(published.envelope.schema),
    filters.map((filter, target) => ({ filter, target })),
  );
  return atOnce(table, published).toSorted((one, other) => one - other);
}

/** Returns the targets of an event that takes no longer than a slice. */
function atOnce<Target>(table: RoutingTable<Target>, published: PublishedEvent): readonly Target[] {
  const targets = table.match(published, new MatchingSlice());
  if (targets instanceof Promise) throw new Error("took longer than a slice");
  return targets;
}

/** Enough entries for every kind of index. */
function many(count: number, make: (index: number) => FilterDescription): FilterDescription[] {
  return Array.from({ length: count }, (_unused, index) => make(index));
}

describe("compileRoutingTable", () => {
  it("matches no event without entries, and every event without conditions", () => {
    const published = event("EventGridSchema", "A", "s", {});
    expect(matching([], published)).toEqual([]);
    expect(matching([{}, {}], published)).toEqual([0, 1]);
  });

  it("[EG-FILTER-BROKEN] matches no event with a filter that does not compile, and names it", () => {
    const broken: FilterDescription = JSON.parse('{"advancedFilters":[{"operatorType":"Nope","key":"id"}]}');
    const table = compileRoutingTable(basic("EventGridSchema"), [
      { filter: broken, target: "broken" },
      { filter: {}, target: "all" },
    ]);
    expect(atOnce(table, event("EventGridSchema", "A", "s", {}))).toEqual(["all"]);
    expect(table.broken).toMatchObject([
      { target: "broken", problems: [{ field: "advancedFilters[0].operatorType", message: expect.any(String) }] },
    ]);
  });

  it.each<AdvancedFilterDescription>([
    { operatorType: "StringContains", key: "data.note", values: ["x"] },
    { operatorType: "StringNotContains", key: "data.note", values: ["y"] },
    { operatorType: "StringNotBeginsWith", key: "data.note", values: ["y"] },
    { operatorType: "StringNotEndsWith", key: "data.note", values: ["y"] },
    { operatorType: "NumberNotInRange", key: "data.note", values: [[1, 2]] },
    { operatorType: "IsNotNull", key: "data.note" },
  ])("[EG-FILTER-ABSENT] evaluates no $operatorType if there is no value", (filter) => {
    const evaluations = { count: 0 };
    const filters = many(20, () => ({ advancedFilters: [filter] }));
    const table = compileRoutingTable(
      basic("EventGridSchema"),
      filters.map((each, target) => ({ filter: each, target, evaluations })),
    );
    const having = (data: JsonObject) => atOnce(table, event("EventGridSchema", "A", "s", { data }));
    expect([having({}), having({ note: null }), having({ other: "x" })]).toEqual([[], [], []]);
    expect(evaluations.count).toBe(0);
    expect(having({ note: filter.operatorType === "NumberNotInRange" ? 3 : "axa" })).toHaveLength(20);
    expect(evaluations.count).toBe(20);
  });

  it.each<[string, (index: number) => FilterDescription, PublishedEvent, readonly number[]]>([
    ["event type", (i) => ({ includedEventTypes: [`T${i}`, `U${i}`] }), event("EventGridSchema", "t7", "", {}), [7]],
    [
      "nested subject prefixes",
      (i) => ({ subjectBeginsWith: "/x".repeat(i + 1) }),
      event("EventGridSchema", "A", "/X/x/x", {}),
      [0, 1, 2],
    ],
    [
      "subject suffix",
      (i) => ({ subjectEndsWith: `${i}.jpg` }),
      event("EventGridSchema", "A", "/a/17.JPG", {}),
      [7, 17],
    ],
    [
      "number ranges",
      (i) => ({ advancedFilters: [{ operatorType: "NumberInRange", key: "data.n", values: [[i, i + 2]] }] }),
      event("EventGridSchema", "A", "", { data: { n: 10 } }),
      [8, 9, 10],
    ],
    [
      "as many keys as entries",
      (i) => ({ advancedFilters: [{ operatorType: "StringIn", key: `data.k${i}.v`, values: ["x"] }] }),
      event("EventGridSchema", "A", "", { data: { K3: { V: "x" }, k4: { v: "y" }, k5: "x", other: 1 } }),
      [3],
    ],
    [
      "one type and tenants below it",
      (i) => ({
        includedEventTypes: ["A"],
        advancedFilters: [{ operatorType: "StringIn", key: "data.tenant", values: [`t${i % 20}`] }],
      }),
      event("EventGridSchema", "A", "", { data: { tenant: "T3" } }),
      [3, 23],
    ],
  ])("finds entries by %s", (_name, make, published, expected) => {
    expect(matching(many(40, make), published)).toEqual(expected);
  });

  it("returns an entry once, even if an array has several of its values", () => {
    const filters = many(40, () => ({
      enableAdvancedFilteringOnArrays: true,
      advancedFilters: [{ operatorType: "StringIn", key: "data.tags", values: ["a", "b", "A"] }],
    }));
    const published = event("EventGridSchema", "A", "", { data: { tags: ["b", "a", "a"] } });
    expect(matching(filters, published)).toEqual(filters.map((_filter, index) => index));
  });

  it("supports keys and events of any depth", () => {
    const key = `data${".a".repeat(20_000)}`;
    const filters = many(20, (i) => ({
      advancedFilters: [{ operatorType: "StringIn", key: `${key}${i}`, values: ["x"] }],
    }));
    let data: JsonValue = "x";
    for (let depth = 0; depth < 25_000; depth += 1) data = { a: data };
    expect(matching(filters, event("EventGridSchema", "A", "", { data }))).toEqual([]);
  });

  it("finds every filter of an event with a long array", async () => {
    const filters = many(50, (index) => ({
      enableAdvancedFilteringOnArrays: true,
      advancedFilters: [{ operatorType: "NumberIn", key: "data.list", values: [index * 1_000] }],
    }));
    const list = Array.from({ length: 30_000 }, (_unused, index) => index);
    expect(matching(filters, event("EventGridSchema", "A", "s", { data: { list } }))).toEqual(
      Array.from({ length: 30 }, (_unused, index) => index),
    );
  });
});

describe("the table compared with a simple implementation of the rules", () => {
  it("[EG-FILTER-ALL] [EG-FILTER-OPERATORS] [EG-FILTER-ABSENT] [EG-FILTER-ARRAYS] agrees in 100,000 random matches", () => {
    let matched = 0;
    const agrees = property(nat(0x7fff_ffff), (seed) => {
      const make = new RandomFilters(seed);
      const schema = make.pick(["EventGridSchema", "CloudEventSchemaV1_0", "CustomEventSchema"] as const);
      const filters = many(make.pick([3, 9, 20, 60]), () => make.filter());
      const table = compileRoutingTable(
        basic(schema),
        filters.map((filter, target) => ({ filter, target })),
      );
      expect(table.broken).toEqual([]);
      for (let round = 0; round < 100; round += 1) {
        const published = make.event(schema);
        const found = atOnce(table, published).toSorted((one, other) => one - other);
        const expectedIndexes = filters.flatMap((filter, index) => (plainlyMatches(filter, published) ? [index] : []));
        matched += expectedIndexes.length;
        if (found.join() !== expectedIndexes.join()) {
          expect({ found, filters, published }).toEqual({
            found: expectedIndexes,
          });
        }
      }
    });
    assert(agrees, { numRuns: 1_000, endOnFailure: true });
    // Random filters that never match would prove nothing.
    expect(matched).toBeGreaterThan(100_000);
  }, 60_000);
});
