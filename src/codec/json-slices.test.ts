import { array, assert, constantFrom, json, property, string, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeUtf8 } from "./event-bytes.ts";
import { exceededLimit, jsonProblem, sliceJson, sliceMembers } from "./json-slices.ts";

const limits = { values: 10, depth: 5 };
const slice = (text: string): ReturnType<typeof sliceJson> => sliceJson(Buffer.from(text), limits);

describe("sliceJson", () => {
  it("finds the same values as JSON.parse in any JSON", () => {
    assert(
      property(json(), (text) => {
        const bytes = Buffer.from(`[${text},\n${text}]`);
        const slices = sliceJson(bytes, { values: 2, depth: 1_000 });
        if (typeof slices === "string") return false;
        const whole = JSON.parse(text) as unknown;
        expect(slices.values.map(({ start, end }) => JSON.parse(decodeUtf8(bytes, start, end)) as unknown)).toEqual([
          whole,
          whole,
        ]);
        const [first] = slices.values;
        const members = sliceMembers(bytes, first?.start ?? 0) ?? [];
        expect(first?.memberCount).toBe(members.length);
        for (const { nameStart, nameEnd, valueStart, valueEnd } of members) {
          const name = JSON.parse(decodeUtf8(bytes, nameStart, nameEnd)) as string;
          const value = JSON.parse(decodeUtf8(bytes, valueStart, valueEnd)) as unknown;
          expect(value).toEqual((whole as Record<string, unknown>)[name]);
        }
        return true;
      }),
      { numRuns: 1_000 },
    );
  });

  it("finds the end of long strings with any escapes", () => {
    const piece = string({ unit: constantFrom("\\", '"', "x", "é"), minLength: 1, maxLength: 90 });
    assert(
      property(array(piece, { maxLength: 4 }), (texts) => {
        const bytes = Buffer.from(JSON.stringify(texts));
        const slices = sliceJson(bytes, limits);
        if (typeof slices === "string") return false;
        expect(slices.values.map(({ start, end }) => JSON.parse(decodeUtf8(bytes, start, end)) as unknown)).toEqual(
          texts,
        );
        return true;
      }),
      { numRuns: 1_000 },
    );
  });

  it("terminates on any bytes, and accepts all JSON", () => {
    assert(property(uint8Array(), (bytes) => sliceJson(bytes, limits) !== undefined));
    assert(property(string({ unit: "grapheme" }), (text) => slice(`[${text}`) !== undefined));
    assert(property(json({ maxDepth: 3 }), (text) => jsonProblem(Buffer.from(text), 4) === undefined));
  });

  it.each([
    ["", "incomplete"],
    ["  ", "incomplete"],
    ["[", "incomplete"],
    ['[{"a', "incomplete"],
    ['[{"a"', "incomplete"],
    ['[{"a":', "incomplete"],
    ['[{"a":1', "incomplete"],
    ['"\\', "incomplete"],
    ["[{]", "malformed"],
    ["{a:1}", "malformed"],
    ['{"a" 1}', "malformed"],
    ['{"a":1 "b":2}', "malformed"],
    ["[1 2]", "malformed"],
    ["[1,2,3,4,5,6,7,8,9,10,11]", "too-many"],
    ["[[[[[[]]]]]]", { root: "array" }],
    ["[[[[[[[]]]]]]]", "too-deep"],
    ['{"a":[[[[]]]]}', { root: "object" }],
    ['{"a":[[[[[]]]]]}', "too-deep"],
    [" {} ", { root: "object", values: [{ start: 1, end: 3, memberCount: 0 }] }],
    ["17", { root: "scalar" }],
  ])("reports %s as %o", (text, expected) => {
    if (typeof expected === "string") expect(slice(text)).toBe(expected);
    else expect(slice(text)).toMatchObject(expected);
  });
});

describe("exceededLimit", () => {
  it.each([
    ['{"a": [1, 2], "b": "[[[[[[,,,,,,,,,,,,"}', undefined],
    ["[[[[[1]]]]]", undefined],
    ["[[[[[[1]]]]]]", "too-deep"],
    ["[".repeat(1_000_000), "too-deep"],
    [`[${"1,".repeat(20)}1]`, "too-many"],
    [`{${'"a":{},'.repeat(20)}"b":1}`, "too-many"],
    ["]".repeat(100), undefined],
    ['{"a": "without an end', undefined],
    ["", undefined],
  ])("of %.40s is %s", (text, expected) => {
    expect(exceededLimit(Buffer.from(text), { values: 20, depth: 5 })).toBe(expected);
  });

  it("counts no value less than the parser makes", () => {
    const count = (value: unknown): number =>
      typeof value === "object" && value !== null
        ? Object.values(value).reduce<number>((sum, each) => sum + count(each), 1)
        : 1;
    assert(
      property(json({ noUnicodeString: true }), (text) => {
        const values = count(JSON.parse(`[${text}]`)) - 1;
        expect(exceededLimit(Buffer.from(`[${text}]`), { values, depth: 1_000 })).toBe("too-many");
      }),
    );
  });
});
