import { assert, jsonValue, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { Budget } from "./budget.ts";
import { parseRelaxedJson, RelaxedJsonError } from "./relaxed-json.ts";

const newBudget = (): Budget =>
  new Budget({ steps: 1e6, bytes: 1e7, valueBytes: 1e6, depth: 100 }, (limit) => new Error(`too many ${limit}`));
const parse = (text: string): unknown => parseRelaxedJson(text, newBudget());

describe("relaxed JSON", () => {
  it("includes all of JSON", () => {
    assert(
      property(jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value, undefined, 1);
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each<[text: string, value: unknown]>([
    ["{a: 1, $b_c: 2, 'd e': 3, ä-ö: 4}", { a: 1, $b_c: 2, "d e": 3, "ä-ö": 4 }],
    ["[1, 2,]", [1, 2]],
    ["{a: [], b: {},}", { a: [], b: {} }],
    ["// c\n[ /* ] */ 1 // d\n]// e", [1]],
    ["'it\\'s \"x\"'", 'it\'s "x"'],
    ['"two\nlines\r\n"', "two\nlines\r\n"],
    [String.raw`"\u00e4\n\/\q"`, "ä\n/q"],
    ['"joined \\\nup"', "joined up"],
    ['{"__proto__": 1}', JSON.parse('{"__proto__": 1}')],
    ['{"a": 1, "a": 2}', { a: 2 }],
    ["\uFEFF -1.5e3 ", -1500],
    ['"http://h//p"', "http://h//p"],
  ])("reads %j", (text, value) => {
    expect(parse(text)).toEqual(value);
  });

  it.each([
    ["", "Unexpected end at line 1, position 1"],
    ["[1,\n 2", "Unexpected end at line 2, position 3"],
    ["{a: }", "Unexpected character '}' at line 1, position 5"],
    ["{a 1}", "Unexpected character '1' at line 1, position 4"],
    ["[1 2]", "Unexpected character '2' at line 1, position 4"],
    ["[,]", "Unexpected character ','"],
    ["[1]]", "Unexpected character ']'"],
    ['"a', "Unexpected end"],
    [String.raw`"\u12"`, "Unexpected character '1'"],
    ["undefined", "Unexpected character 'u'"],
    ["/* a", "Unexpected character '/'"],
  ])("refuses %j", (text, message) => {
    expect(() => parse(text)).toThrow(RelaxedJsonError);
    expect(() => parse(text)).toThrow(message);
  });

  it("charges the budget for its depth and its values", () => {
    expect(() => parse("[".repeat(101))).toThrow("too many depth");
    expect(() => parse(`[${"[],".repeat(300_000)}]`)).toThrow(/too many (?:bytes|steps)/);
  });
});
