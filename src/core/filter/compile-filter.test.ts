import { describe, expect, it } from "vitest";
import type { EventEnvelope, InputSchema, PublishedEvent } from "../event.ts";
import type { JsonObject } from "../json.ts";
import type { FilterDescription } from "./description.ts";
import { compileFilter } from "./compile-filter.ts";
import { ownKeys } from "./shared-keys.ts";

function event(schema: InputSchema, body: JsonObject, envelope: Partial<EventEnvelope> = {}): PublishedEvent {
  return {
    body,
    envelope: {
      systemId: "s",
      schema,
      topic: "/subscriptions/0/topics/t",
      id: "1",
      type: "Order.Placed",
      subject: "/Orders/1.JPG",
      time: undefined,
      dataVersion: "2",
      publishedAt: 0,
      json: new Uint8Array(),
      ...envelope,
    },
  };
}

function matches(filter: FilterDescription, published: PublishedEvent): boolean {
  const compiled = compileFilter(filter, ownKeys({ schema: published.envelope.schema, tier: "basic" }));
  if (compiled.kind === "invalid") throw new Error(compiled.problems.map(({ message }) => message).join(" "));
  return compiled.filter.matches(published);
}

const withNumber = (n: number): PublishedEvent => event("EventGridSchema", { data: { n } });
const order = event("EventGridSchema", { data: {} });

describe("event type", () => {
  it.each([
    [["Order.Placed"], true],
    [["order.PLACED"], true],
    [["Other", "Order.Placed"], true],
    [["Order"], false],
    [["Other"], false],
    [[], true],
    [["All"], true],
  ])("[EG-FILTER-TYPE] %j against Order.Placed", (includedEventTypes, expected) => {
    expect(matches({ includedEventTypes }, order)).toBe(expected);
  });

  it("[EG-FILTER-TYPE] treats null as no list", () => {
    const fromRequest: FilterDescription = JSON.parse('{"includedEventTypes":null,"advancedFilters":null}');
    expect(matches(fromRequest, order)).toBe(true);
  });
});

describe("subject", () => {
  it.each<[string, FilterDescription, string | undefined, boolean]>([
    ["prefix without case", { subjectBeginsWith: "/orders/" }, "/Orders/1", true],
    ["another prefix", { subjectBeginsWith: "/orders/" }, "/Order", false],
    ["suffix without case", { subjectEndsWith: ".jpg" }, "/a.JPG", true],
    ["another suffix", { subjectEndsWith: ".jpg" }, "/a.jpeg", false],
    ["both", { subjectBeginsWith: "/a", subjectEndsWith: "z" }, "/a/z", true],
    ["both, one fails", { subjectBeginsWith: "/a", subjectEndsWith: "y" }, "/a/z", false],
    ["case-sensitive", { subjectBeginsWith: "/orders", isSubjectCaseSensitive: true }, "/Orders", false],
    ["case-sensitive, same", { subjectEndsWith: ".JPG", isSubjectCaseSensitive: true }, "/a.JPG", true],
    ["no wildcards", { subjectBeginsWith: "/*" }, "/a", false],
    ["empty", { subjectBeginsWith: "", subjectEndsWith: "" }, "/a", true],
    ["empty, no subject", { subjectBeginsWith: "", subjectEndsWith: "" }, undefined, true],
    ["prefix, no subject", { subjectBeginsWith: "/" }, undefined, false],
    ["suffix, no subject", { subjectEndsWith: "/" }, undefined, false],
  ])("[EG-FILTER-SUBJECT] %s", (_name, filter, subject, expected) => {
    expect(matches(filter, event("EventGridSchema", {}, { subject }))).toBe(expected);
  });
});

describe("keys", () => {
  const data = { a: "x", B: { c: "y" }, list: ["x"], "a.b": "dotted", toString: null };
  const eventGrid = event("EventGridSchema", { eventTime: "now", data });
  const cloud = event("CloudEventSchemaV1_0", {
    specversion: "1.0",
    id: "1",
    source: "/src",
    type: "Order.Placed",
    subject: null,
    priority: 5,
    urgent: true,
    data,
  });
  const custom = event("CustomEventSchema", { a: "x", myType: "t", data: { a: "inner" } });

  it.each<[string, PublishedEvent, string, string | undefined]>([
    ["[EG-FILTER-KEYS] id", eventGrid, "id", "1"],
    ["[EG-FILTER-KEYS] topic", eventGrid, "topic", "/subscriptions/0/topics/t"],
    ["[EG-FILTER-KEYS] subject", eventGrid, "subject", "/Orders/1.JPG"],
    ["[EG-FILTER-KEYS] eventType", eventGrid, "eventType", "Order.Placed"],
    ["[EG-FILTER-KEYS] dataVersion", eventGrid, "dataVersion", "2"],
    ["[EG-FILTER-KEYS] nothing under eventTime", eventGrid, "eventTime", undefined],
    ["[EG-FILTER-KEYS] nothing under type on an Event Grid topic", eventGrid, "type", undefined],
    ["[EG-FILTER-KEYS] nothing under a name without data", eventGrid, "a", undefined],
    ["[EG-FILTER-KEYS] data, one level", eventGrid, "data.a", "x"],
    ["[EG-FILTER-KEYS] data, two levels", eventGrid, "data.B.c", "y"],
    ["[EG-FILTER-KEYS] nothing below a text", eventGrid, "data.a.length", undefined],
    ["[EG-FILTER-KEYS] nothing below an array", eventGrid, "data.list.0", undefined],
    ["[EG-FILTER-KEYS] no member with a dot", eventGrid, "data.a.b", undefined],
    ["[EG-FILTER-KEYS] nothing inherited", eventGrid, "data.constructor.name", undefined],
    ["[EG-FILTER-KEY-CASE] envelope", eventGrid, "Subject", "/Orders/1.JPG"],
    ["[EG-FILTER-KEY-CASE] Data.A.", eventGrid, "Data.A", "x"],
    ["[EG-FILTER-KEY-CASE] data.b.C", eventGrid, "data.b.C", "y"],
    ["[EG-FILTER-KEYS] CloudEvents type", cloud, "type", "Order.Placed"],
    ["[EG-FILTER-KEYS] CloudEvents source", cloud, "source", "/src"],
    ["[EG-FILTER-KEYS] CloudEvents eventtype is no key", cloud, "eventtype", undefined],
    ["[EG-FILTER-KEYS] CloudEvents topic is no key", cloud, "topic", undefined],
    ["[EG-FILTER-KEYS] CloudEvents null subject", cloud, "subject", undefined],
    ["[EG-FILTER-KEYS] CloudEvents data", cloud, "data.a", "x"],
    ["[EG-FILTER-CE-TEXT] number of an extension attribute", cloud, "priority", "5"],
    ["[EG-FILTER-CE-TEXT] boolean of an extension attribute", cloud, "urgent", "true"],
    ["[EG-FILTER-KEY-CASE] extension attribute", cloud, "Priority", "5"],
    ["[EG-FILTER-KEYS] custom: data is the whole object", custom, "data.a", "x"],
    ["[EG-FILTER-KEYS] custom: a member called data", custom, "data.data.a", "inner"],
    ["[EG-FILTER-KEYS] custom: mapped fields", custom, "eventType", "Order.Placed"],
    ["[EG-FILTER-KEYS] custom: no bare members", custom, "myType", undefined],
  ])("%s", (_name, published, key, expected) => {
    const filter = (operatorType: "StringIn" | "IsNotNull"): FilterDescription => ({
      advancedFilters: [
        operatorType === "IsNotNull" ? { operatorType, key } : { operatorType, key, values: [expected ?? ""] },
      ],
    });
    expect(matches(filter("IsNotNull"), published)).toBe(expected !== undefined);
    expect(matches(filter("StringIn"), published)).toBe(expected !== undefined);
  });

  it("[EG-FILTER-CE-TEXT] never reads numbers in data as text", () => {
    const published = event("CloudEventSchemaV1_0", { data: { n: 5 } });
    expect(matches({ advancedFilters: [{ operatorType: "StringIn", key: "data.n", values: ["5"] }] }, published)).toBe(
      false,
    );
  });

  it("[EG-FILTER-KEY-CASE] prefers the exact name", () => {
    const published = event("EventGridSchema", { data: { KEY: "upper", key: "lower" } });
    const wants = (key: string, value: string): boolean =>
      matches({ advancedFilters: [{ operatorType: "StringIn", key, values: [value] }] }, published);
    expect(wants("data.key", "lower")).toBe(true);
    expect(wants("data.KEY", "upper")).toBe(true);
    expect(wants("data.Key", "upper")).toBe(true);
  });
});

describe("a whole filter", () => {
  it("[EG-FILTER-ALL] requires every condition, and names each one", () => {
    const filter: FilterDescription = {
      includedEventTypes: ["Order.Placed"],
      subjectBeginsWith: "/orders",
      advancedFilters: [
        { operatorType: "NumberGreaterThan", key: "data.n", value: 1 },
        { operatorType: "NumberLessThan", key: "data.n", value: 5 },
      ],
    };
    expect([1, 2, 4, 5].map((n) => matches(filter, withNumber(n)))).toEqual([false, true, true, false]);
    const compiled = compileFilter(filter, ownKeys({ schema: "EventGridSchema", tier: "basic" }));
    expect(compiled).toMatchObject({ kind: "compiled" });
    if (compiled.kind !== "compiled") return;
    const failed = compiled.filter.conditions.filter((condition) => !condition.holds(withNumber(7)));
    expect(failed.map(({ field }) => field)).toEqual(["advancedFilters[1]"]);
  });

  it("[EG-FILTER-ARRAYS] reads arrays only if the subscription enables it", () => {
    const published = event("EventGridSchema", { data: { tags: ["a", "b"] } });
    const advancedFilters = [{ operatorType: "StringIn", key: "data.tags", values: ["b"] }] as const;
    expect(matches({ advancedFilters }, published)).toBe(false);
    expect(matches({ advancedFilters, enableAdvancedFilteringOnArrays: true }, published)).toBe(true);
  });

  it.each<[string, string, string]>([
    [
      "no such operator",
      '{"advancedFilters":[{"operatorType":"Equals","key":"id"}]}',
      "advancedFilters[0].operatorType",
    ],
    [
      "inherited operator",
      '{"advancedFilters":[{"operatorType":"toString","key":"id"}]}',
      "advancedFilters[0].operatorType",
    ],
    ["no key", '{"advancedFilters":[{"operatorType":"IsNotNull"}]}', "advancedFilters[0].key"],
    ["empty key", '{"advancedFilters":[{"operatorType":"IsNotNull","key":""}]}', "advancedFilters[0].key"],
    ["no values", '{"advancedFilters":[{"operatorType":"StringIn","key":"id"}]}', "advancedFilters[0].values"],
    [
      "value for values",
      '{"advancedFilters":[{"operatorType":"StringIn","key":"id","value":"x"}]}',
      "advancedFilters[0].values",
    ],
    [
      "number among strings",
      '{"advancedFilters":[{"operatorType":"StringIn","key":"id","values":["a",1]}]}',
      "advancedFilters[0].values[1]",
    ],
    [
      "string among numbers",
      '{"advancedFilters":[{"operatorType":"NumberIn","key":"id","values":["1"]}]}',
      "advancedFilters[0].values[0]",
    ],
    [
      "infinite number",
      '{"advancedFilters":[{"operatorType":"NumberIn","key":"id","values":[1e999]}]}',
      "advancedFilters[0].values[0]",
    ],
    [
      "no number",
      '{"advancedFilters":[{"operatorType":"NumberLessThan","key":"id","value":"1"}]}',
      "advancedFilters[0].value",
    ],
    [
      "no boolean",
      '{"advancedFilters":[{"operatorType":"BoolEquals","key":"id","value":"true"}]}',
      "advancedFilters[0].value",
    ],
    [
      "half a range",
      '{"advancedFilters":[{"operatorType":"NumberInRange","key":"id","values":[[1]]}]}',
      "advancedFilters[0].values[0]",
    ],
    [
      "flat range",
      '{"advancedFilters":[{"operatorType":"NumberInRange","key":"id","values":[1,2]}]}',
      "advancedFilters[0].values[0]",
    ],
    ["filters that are no list", '{"advancedFilters":{}}', "advancedFilters"],
    ["a filter that is none", '{"advancedFilters":[null]}', "advancedFilters[0].key"],
    ["event types that are no list", '{"includedEventTypes":"A"}', "includedEventTypes"],
    ["event type that is none", '{"includedEventTypes":[1]}', "includedEventTypes"],
    ["subject prefix that is none", '{"subjectBeginsWith":1}', "subjectBeginsWith"],
    ["case flag that is none", '{"isSubjectCaseSensitive":"yes"}', "isSubjectCaseSensitive"],
  ])("[EG-FILTER-SHAPE] does not compile with %s", (_name, json, field) => {
    const compiled = compileFilter(JSON.parse(json), ownKeys({ schema: "EventGridSchema", tier: "basic" }));
    expect(compiled.kind).toBe("invalid");
    if (compiled.kind === "invalid") expect(compiled.problems.map((problem) => problem.field)).toContain(field);
  });
});

describe("large events", () => {
  const names = Array.from({ length: 500 }, (_unused, index) => `Name${index}`);
  const data = Object.fromEntries([
    ...names.map((name) => [name, "x"] as const),
    ["name7", "first"],
    ["NAME7", "last"],
  ]);
  const published = event("EventGridSchema", { data });
  const equals = (key: string, value: string): FilterDescription => ({
    advancedFilters: [{ operatorType: "StringIn", key: `data.${key}`, values: [value] }],
  });

  it("[EG-FILTER-KEY-CASE] are searched for the exact name first, then for the first name that differs in case", () => {
    expect(matches(equals("name499", "x"), published)).toBe(true);
    expect(matches(equals("name7", "first"), published)).toBe(true);
    expect(matches(equals("NAME7", "last"), published)).toBe(true);
    expect(matches(equals("nAME7", "x"), published)).toBe(true);
    expect(matches(equals("name500", "x"), published)).toBe(false);
  });

  it("[EG-FILTER-ARRAYS] [EG-FILTER-TEXT-CASE] have each element of a long array compared, ignoring case", () => {
    const list = [...Array.from({ length: 200 }, (_unused, index) => `Element${index}`), 7, null];
    const withList = event("EventGridSchema", { data: { list } });
    const one = (
      operatorType: "StringIn" | "StringBeginsWith" | "StringNotContains",
      value: string,
    ): FilterDescription => ({
      enableAdvancedFilteringOnArrays: true,
      advancedFilters: [{ operatorType, key: "data.list", values: [value] }],
    });
    expect(matches(one("StringIn", "eLEMENT199"), withList)).toBe(true);
    expect(matches(one("StringIn", "element200"), withList)).toBe(false);
    expect(matches(one("StringBeginsWith", "ELEMENT19"), withList)).toBe(true);
    expect(matches(one("StringNotContains", "ment1"), withList)).toBe(false);
    expect(matches(one("StringNotContains", "other"), withList)).toBe(true);
  });
});
