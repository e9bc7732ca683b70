import { assert, nat, property } from "fast-check";
import { describe, expect, it } from "vitest";
import type { InputSchema, PublishedEvent } from "../../core/event.ts";
import type { AdvancedFilterDescription } from "../../core/filter/description.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { FilterDescription } from "../../core/resources/resources.ts";
import { MatchingSlice } from "./matching-slice.ts";
import { compileRoutingTable, type RoutingTable } from "./routing-table.ts";

function event(schema: InputSchema, type: string, subject: string | undefined, body: JsonObject): PublishedEvent {
  return {
    body,
    envelope: {
      systemId: "s",
      schema,
      topic: "/topics/t",
      id: "1",
      type,
      subject,
      time: undefined,
      dataVersion: "",
      publishedAt: 0,
      json: new Uint8Array(),
    },
  };
}

function matching(filters: readonly FilterDescription[], published: PublishedEvent): readonly number[] {
  const table = compileRoutingTable(
    published.envelope.schema,
    filters.map((filter, target) => ({ filter, target })),
  );
  return atOnce(table, published).toSorted((one, other) => one - other);
}

/** Matches an event that takes no longer than a slice. */
function atOnce<Target>(table: RoutingTable<Target>, published: PublishedEvent): readonly Target[] {
  const targets = table.match(published, new MatchingSlice());
  if (targets instanceof Promise) throw new Error("took longer than a slice");
  return targets;
}

/** Enough entries for every kind of index to come into being. */
function many(count: number, make: (index: number) => FilterDescription): FilterDescription[] {
  return Array.from({ length: count }, (_unused, index) => make(index));
}

describe("compileRoutingTable", () => {
  it("matches nothing without entries, and everything without conditions", () => {
    const published = event("EventGridSchema", "A", "s", {});
    expect(matching([], published)).toEqual([]);
    expect(matching([{}, {}], published)).toEqual([0, 1]);
  });

  it("[EG-FILTER-BROKEN] lets nothing pass a filter that does not compile, and says which", () => {
    const broken: FilterDescription = JSON.parse('{"advancedFilters":[{"operatorType":"Nope","key":"id"}]}');
    const table = compileRoutingTable("EventGridSchema", [
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
  ])("[EG-FILTER-ABSENT] looks at no $operatorType where there is no value", (filter) => {
    const evaluations = { count: 0 };
    const filters = many(20, () => ({ advancedFilters: [filter] }));
    const table = compileRoutingTable(
      "EventGridSchema",
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

  it("names an entry once, however many of its values an array holds", () => {
    const filters = many(40, () => ({
      enableAdvancedFilteringOnArrays: true,
      advancedFilters: [{ operatorType: "StringIn", key: "data.tags", values: ["a", "b", "A"] }],
    }));
    const published = event("EventGridSchema", "A", "", { data: { tags: ["b", "a", "a"] } });
    expect(matching(filters, published)).toEqual(filters.map((_filter, index) => index));
  });

  it("bears keys and events of any depth", () => {
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

describe("the table against a plain reading of the rules", () => {
  it("[EG-FILTER-ALL] [EG-FILTER-OPERATORS] [EG-FILTER-ABSENT] [EG-FILTER-ARRAYS] agrees in 100,000 random matches", () => {
    let matched = 0;
    const agrees = property(nat(0x7fff_ffff), (seed) => {
      const make = new Maker(seed);
      const schema = make.pick(["EventGridSchema", "CloudEventSchemaV1_0", "CustomEventSchema"] as const);
      const filters = many(make.pick([3, 9, 20, 60]), () => make.filter());
      const table = compileRoutingTable(
        schema,
        filters.map((filter, target) => ({ filter, target })),
      );
      expect(table.broken).toEqual([]);
      for (let round = 0; round < 100; round += 1) {
        const published = make.event(schema);
        const found = atOnce(table, published).toSorted((one, other) => one - other);
        const wanted = filters.flatMap((filter, index) => (plainlyMatches(filter, published) ? [index] : []));
        matched += wanted.length;
        if (found.join() !== wanted.join()) {
          expect({ found, filters, published }).toEqual({
            found: wanted,
          });
        }
      }
    });
    assert(agrees, { numRuns: 1_000, endOnFailure: true });
    // Random filters that never match would prove nothing.
    expect(matched).toBeGreaterThan(100_000);
  }, 30_000);
});

/** Random filters and events from pools so small that they often meet. */
class Maker {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[Math.floor(this.next() * from.length)];
    if (picked === undefined) throw new Error("Nothing to pick from.");
    return picked;
  }

  some<T>(most: number, make: () => T): T[] {
    return Array.from({ length: 1 + Math.floor(this.next() * most) }, make);
  }

  text(): string {
    return this.pick(["a", "A", "ab", "aB", "abc", "bc", "b", "é", "É", "5", "true", "", "abcabc"]);
  }

  number(): number {
    return this.pick([0, 1, 2, 2.5, 3, 5, -1, 1e21]);
  }

  key(): string {
    if (this.chance(0.2))
      return this.pick(["id", "Subject", "eventType", "type", "topic", "ext", "EXT", "num", "data"]);
    if (this.chance(0.3)) return `data.k${Math.floor(this.next() * 40)}`;
    return this.pick(["data.a", "data.A", "data.b", "Data.o.p", "data.O.P", "data.list", "data.none", "data.o", "x.y"]);
  }

  advanced(): AdvancedFilterDescription {
    const key = this.key();
    const number = this.chance(0.4);
    if (this.chance(0.1)) return { operatorType: this.pick(["IsNullOrUndefined", "IsNotNull"]), key };
    if (this.chance(0.1)) return { operatorType: "BoolEquals", key, value: this.chance(0.5) };
    if (!number) {
      const operatorType = this.pick([
        "StringIn",
        "StringIn",
        "StringNotIn",
        "StringBeginsWith",
        "StringNotBeginsWith",
        "StringEndsWith",
        "StringNotEndsWith",
        "StringContains",
        "StringNotContains",
      ] as const);
      return { operatorType, key, values: this.some(4, () => this.text()) };
    }
    if (this.chance(0.3)) {
      const operatorType = this.pick(["NumberIn", "NumberNotIn"] as const);
      return { operatorType, key, values: this.some(3, () => this.number()) };
    }
    if (this.chance(0.4)) {
      const operatorType = this.pick(["NumberInRange", "NumberNotInRange"] as const);
      return { operatorType, key, values: this.some(3, () => [this.number(), this.number()] as const) };
    }
    const operatorType = this.pick([
      "NumberLessThan",
      "NumberLessThanOrEquals",
      "NumberGreaterThan",
      "NumberGreaterThanOrEquals",
    ] as const);
    return { operatorType, key, value: this.number() };
  }

  filter(): FilterDescription {
    return {
      ...(this.chance(0.4) ? { includedEventTypes: this.some(3, () => this.pick(["A", "a", "B", "C", "D"])) } : {}),
      ...(this.chance(0.3) ? { subjectBeginsWith: this.text() } : {}),
      ...(this.chance(0.3) ? { subjectEndsWith: this.text() } : {}),
      ...(this.chance(0.3) ? { isSubjectCaseSensitive: this.chance(0.5) } : {}),
      ...(this.chance(0.5) ? { enableAdvancedFilteringOnArrays: this.chance(0.7) } : {}),
      ...(this.chance(0.6) ? { advancedFilters: this.some(2, () => this.advanced()) } : {}),
    };
  }

  value(): JsonValue {
    if (this.chance(0.3)) return this.some(4, () => this.scalar()).slice(this.chance(0.1) ? 99 : 0);
    return this.chance(0.1) ? { a: this.scalar() } : this.scalar();
  }

  scalar(): JsonValue {
    if (this.chance(0.5)) return this.text();
    if (this.chance(0.6)) return this.number();
    return this.pick([true, false, null]);
  }

  event(schema: InputSchema): PublishedEvent {
    const data: Record<string, JsonValue> = {};
    for (const name of ["a", "A", "b", "list", "K7", "k1", "k2", "k20"])
      if (this.chance(0.6)) data[name] = this.value();
    if (this.chance(0.6)) data["o"] = this.chance(0.8) ? { p: this.value() } : this.value();
    if (this.chance(0.3)) data["O"] = { P: this.value() };
    const subject = this.chance(0.1) ? undefined : this.text() + this.text();
    const type = this.pick(["A", "a", "B", "b", "C"]);
    if (schema === "CustomEventSchema") return event(schema, type, subject, data);
    if (schema === "EventGridSchema") {
      return event(schema, type, subject, {
        id: "1",
        topic: "/topics/t",
        eventType: type,
        ...(subject === undefined ? {} : { subject }),
        data,
      });
    }
    return event(schema, type, subject, {
      specversion: "1.0",
      id: "1",
      source: "/s",
      type,
      subject: subject ?? null,
      ...(this.chance(0.5) ? { ext: this.text() } : {}),
      ...(this.chance(0.7) ? { num: this.scalar() } : {}),
      ...(this.chance(0.9) ? { data } : {}),
    });
  }
}

// The rules again, without index, table or sharing: each as one reads it in docs/wire-rules.md.

function plainlyMatches(filter: FilterDescription, published: PublishedEvent): boolean {
  const { type, subject } = published.envelope;
  const types = filter.includedEventTypes ?? [];
  if (types.length > 0 && !types.some((wanted) => lower(wanted) === lower(type))) return false;
  const exact = filter.isSubjectCaseSensitive ?? false;
  const begins = filter.subjectBeginsWith ?? "";
  const ends = filter.subjectEndsWith ?? "";
  if ((begins !== "" || ends !== "") && subject === undefined) return false;
  const cased = (text: string): string => (exact ? text : lower(text));
  if (!cased(subject ?? "").startsWith(cased(begins)) || !cased(subject ?? "").endsWith(cased(ends))) return false;
  return (filter.advancedFilters ?? []).every((advanced) =>
    plainlyHolds(advanced, published, filter.enableAdvancedFilteringOnArrays ?? false),
  );
}

function plainlyHolds(filter: AdvancedFilterDescription, published: PublishedEvent, arrays: boolean): boolean {
  const { found, attribute } = plainValue(filter.key, published);
  const { operatorType } = filter;
  if (operatorType === "IsNullOrUndefined") return found === undefined || found === null;
  if (operatorType === "IsNotNull") return found !== undefined && found !== null;
  const wanted: readonly unknown[] = "values" in filter ? filter.values : "value" in filter ? [filter.value] : [];
  const kind = operatorType.startsWith("String") ? "string" : operatorType === "BoolEquals" ? "boolean" : "number";
  const negative = operatorType.includes("Not");
  let candidates: readonly JsonValue[];
  if (Array.isArray(found)) {
    if (!arrays) return operatorType === "NumberNotIn" || operatorType === "StringNotIn";
    candidates = found.filter((element) => typeof element === kind);
  } else {
    const scalar =
      attribute && kind === "string" && (typeof found === "number" || typeof found === "boolean") ? `${found}` : found;
    if (scalar === undefined || typeof scalar !== kind) {
      return operatorType === "NumberNotIn" || operatorType === "StringNotIn";
    }
    candidates = [scalar];
  }
  const hit = candidates.some((candidate) =>
    wanted.some((one) => plainlyCompares(operatorType.replace("Not", ""), candidate, one)),
  );
  return negative ? !hit : hit;
}

function plainlyCompares(operator: string, value: JsonValue, wanted: unknown): boolean {
  if (typeof value === "string" && typeof wanted === "string") {
    const [text, part] = [lower(value), lower(wanted)];
    if (operator === "StringIn") return text === part;
    if (operator === "StringBeginsWith") return text.indexOf(part) === 0;
    if (operator === "StringEndsWith")
      return text.slice(text.length - part.length) === part && text.length >= part.length;
    return text.includes(part);
  }
  if (typeof value === "number" && Array.isArray(wanted)) return value >= wanted[0] && value <= wanted[1];
  if (typeof value === "number" && typeof wanted === "number") {
    if (operator === "NumberLessThan") return value < wanted;
    if (operator === "NumberLessThanOrEquals") return value <= wanted;
    if (operator === "NumberGreaterThan") return value > wanted;
    if (operator === "NumberGreaterThanOrEquals") return value >= wanted;
  }
  return value === wanted;
}

function plainValue(
  key: string,
  { body, envelope }: PublishedEvent,
): { found: JsonValue | undefined; attribute: boolean } {
  const [first = "", ...rest] = key.split(".");
  if (lower(first) === "data") {
    let value: JsonValue | undefined = envelope.schema === "CustomEventSchema" ? body : body["data"];
    for (const name of rest) value = plainMember(value, name);
    return { found: value, attribute: false };
  }
  if (rest.length > 0) return { found: undefined, attribute: false };
  if (envelope.schema === "CloudEventSchemaV1_0") return { found: plainMember(body, first), attribute: true };
  const fields: Record<string, string | undefined> = {
    id: envelope.id,
    topic: envelope.topic,
    subject: envelope.subject,
    eventtype: envelope.type,
    dataversion: envelope.dataVersion,
  };
  return { found: fields[lower(first)], attribute: false };
}

function plainMember(value: JsonValue | undefined, name: string): JsonValue | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const members = new Map(Object.entries(value));
  if (members.has(name)) return members.get(name);
  for (const [member, found] of members) if (lower(member) === lower(name)) return found;
  return undefined;
}

function lower(text: string): string {
  return text.toLowerCase();
}
