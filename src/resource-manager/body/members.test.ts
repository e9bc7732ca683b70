import { describe, expect, it } from "vitest";
import type { JsonValue } from "../../core/json.ts";
import { CollectedNotes } from "./body-notes.ts";
import {
  changes,
  flag,
  json,
  arrayOf,
  mapOf,
  mapOfChanges,
  number,
  object,
  oneOf,
  part,
  spelled,
  text,
  type Member,
} from "./members.ts";

const BODY = object(
  {
    location: text,
    tags: mapOf(text),
    properties: object({
      size: number,
      isOpen: flag,
      mode: oneOf(["Fast", "Slow"]),
      rules: arrayOf(object({ mask: text })),
      anything: json,
    }),
  },
  ["id"],
);

/** Returns the value that a member reads, with the notes about it. */
function read<Value>(
  member: Member<Value>,
  value: JsonValue,
): { value: Value; unknown: readonly string[]; repeated: readonly string[] } {
  const notes = new CollectedNotes();
  return { value: member.read(value, "", notes), unknown: notes.unknownMembers, repeated: notes.repeatedMembers };
}

describe("a table of members", () => {
  it("[ARM-CASE] reads names in any case and returns them in its own spelling", () => {
    const sent = { LOCATION: "here", Properties: { SIZE: 1, isopen: true, Mode: "fAsT", rUles: [{ MASK: "a" }] } };
    expect(read(BODY, sent)).toEqual({
      value: { location: "here", properties: { size: 1, isOpen: true, mode: "Fast", rules: [{ mask: "a" }] } },
      unknown: [],
      repeated: [],
    });
  });

  it("[ARM-CASE] accepts no other letters for ASCII letters", () => {
    // A long s, a dotless i and the Kelvin sign, which some ways of folding case turn into s, i and k.
    const table = object({ kiss: text });
    const sent = { "ki\u017fs": "a", "k\u0131ss": "b", "\u212aiss": "c" };
    expect(read(table, sent)).toEqual({
      value: {},
      unknown: Object.keys(sent).map((name) => expect.stringContaining(name)),
      repeated: [],
    });
  });

  it("[ARM-BODY-TWICE] uses the last of several names that differ only in case, even if it is null", () => {
    expect(read(BODY, { Location: "one", location: "two", LOCATION: "three" })).toMatchObject({
      value: { location: "three" },
      repeated: ["location", "location"],
    });
    expect(read(BODY, { location: "one", Location: null }).value).toEqual({});
    // A value that is overridden is not checked.
    expect(read(BODY, { location: 1, Location: "two" }).value).toEqual({ location: "two" });
    expect(read(mapOf(text), { Team: "a", TEAM: "b", other: "c" })).toEqual({
      value: { TEAM: "b", other: "c" },
      unknown: [],
      repeated: ["TEAM"],
    });
  });

  it("[ARM-BODY] treats null as absent in a body, and keeps it in changes", () => {
    const members = { name: text, inner: object({ size: number }), all: part({ size: number }) };
    const sent = { name: null, inner: { size: null }, all: { size: null } };
    expect(read(object(members), sent).value).toEqual({ inner: {}, all: { size: null } });
    expect(read(changes(members), sent).value).toEqual({ name: null, inner: {}, all: { size: null } });
    expect(read(changes(members), { inner: null, all: null }).value).toEqual({ inner: null });
    expect(read(mapOf(text), { a: null, b: "b" }).value).toEqual({ b: "b" });
    expect(read(mapOfChanges(text), { a: null, b: "b" }).value).toEqual({ a: null, b: "b" });
  });

  it("[ARM-BODY-UNKNOWN] notes unknown names, with their path and the name that was probably meant", () => {
    const sent = {
      id: "/x",
      locaton: "here",
      xyzzy: null,
      properties: { rules: [{ mask: "a" }, { musk: "b", mask: "c" }], anything: { whatever: 1 } },
    };
    expect(read(BODY, sent)).toEqual({
      value: { properties: { rules: [{ mask: "a" }, { mask: "c" }], anything: { whatever: 1 } } },
      unknown: ["locaton (did you mean 'location'?)", "properties.rules[1].musk (did you mean 'mask'?)"],
      repeated: [],
    });
  });

  it("[ARM-BODY-UNKNOWN] notes ten names at most, however many and however long they are", () => {
    const long = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`${index}`.padEnd(10_000, "x"), 1]));
    const { unknown } = read(BODY, long);
    expect(unknown).toHaveLength(10);
    expect(Math.max(...unknown.map(({ length }) => length))).toBeLessThan(300);
  });

  it.each<[fault: string, value: JsonValue, message: string]>([
    ["a number for a text", { location: 5 }, "'location' must be a text, not 5."],
    ["a text for an object", { properties: "x" }, "'properties' must be an object, not 'x'."],
    ["a list for an object", { properties: [] }, "'properties' must be an object, not an object or a list."],
    [
      "an object for a list",
      { properties: { rules: {} } },
      "'properties.rules' must be a list, not an object or a list.",
    ],
    [
      "null for an element",
      { properties: { rules: [null] } },
      "'properties.rules[0]' must be an object, not this value.",
    ],
    ["a text for a flag", { properties: { isOpen: "true" } }, "'properties.isOpen' must be true or false, not 'true'."],
    ["a text for a number", { properties: { size: "1" } }, "'properties.size' must be a number, not '1'."],
    [
      "an unknown name of a set",
      { properties: { MODE: "Odd" } },
      "'properties.mode' must be one of 'Fast', 'Slow', not 'Odd'.",
    ],
    ["a number for a tag", { tags: { a: 1 } }, "'tags.a' must be a text, not 1."],
  ])("[ARM-BODY] refuses %s, and names its path", (_fault, value, message) => {
    const refused = `The request content was invalid and could not be deserialized: ${message}`;
    expect(() => read(BODY, value)).toThrow(
      expect.objectContaining({ code: "invalid_request_content", message: refused }),
    );
  });

  it("[ARM-BODY] refuses a value that is nested too deep", () => {
    const nested = (depth: number): JsonValue => (depth === 0 ? 1 : [nested(depth - 1)]);
    expect(read(BODY, { properties: { anything: nested(100) } }).unknown).toEqual([]);
    expect(() => read(BODY, { properties: { anything: nested(101) } })).toThrow(
      /'properties.anything' must be at most 100/,
    );
  });

  it.each<[kind: string, value: JsonValue, problem: string]>([
    ["a text", { location: "x".repeat(8_193) }, "'location' may have at most 8192 characters; it has 8193."],
    [
      "a list",
      { properties: { rules: Array.from({ length: 1_001 }, () => ({})) } },
      "'properties.rules' may have at most 1000 elements; it has 1001.",
    ],
    [
      "a map",
      { tags: Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`t${index}`, ""])) },
      "'tags' may have at most 1000 elements; it has 1001.",
    ],
    ["a name", { tags: { ["x".repeat(8_193)]: "" } }, "'tags' may have at most 8192 characters; it has 8193."],
    [
      "a text that is kept",
      { properties: { anything: ["x".repeat(8_193)] } },
      "'properties.anything' may have at most 8192 characters; it has 8193.",
    ],
    [
      "a list that is kept",
      { properties: { anything: { a: Array.from({ length: 1_001 }, () => 1) } } },
      "'properties.anything' may have at most 1000 elements; it has 1001.",
    ],
  ])("[ARM-BODY-LIMITS] refuses %s beyond its limit, and names both", (_kind, value, problem) => {
    const refused = `The request content was invalid and could not be deserialized: ${problem}`;
    expect(() => read(BODY, value)).toThrow(
      expect.objectContaining({ code: "invalid_request_content", message: refused }),
    );
  });

  it("reads names of Object.prototype like other names", () => {
    const sent = JSON.parse(
      '{"__proto__": {"location": "no"}, "constructor": 1, "tags": {"__proto__": "a"}}',
    ) as JsonValue;
    const { value, unknown } = read(BODY, sent);
    expect(Object.entries(value.tags ?? {})).toEqual([["__proto__", "a"]]);
    expect(value.location).toBeUndefined();
    expect(unknown).toHaveLength(2);
  });

  it("[ARM-CASE] leaves an unknown name to the resource rules", () => {
    const severity = spelled(["Sev0", "Sev1"]);
    expect([read(severity, "SEV1").value, read(severity, "sev9").value]).toEqual(["Sev1", "sev9"]);
  });
});
