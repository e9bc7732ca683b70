import { describe, expect, it } from "vitest";
import type { JsonValue } from "../json.ts";
import type { OperatorType } from "./description.ts";
import { isOperatorType, OPERATORS, type Comparand, type Reading } from "./operators.ts";

const PLAIN: Reading = { arrays: false, scalarsAsText: false };
const ARRAYS: Reading = { arrays: true, scalarsAsText: false };

type Row = readonly [OperatorType, readonly Comparand[], JsonValue | undefined, boolean];

function check(
  rows: readonly Row[],
  reading: Reading = PLAIN,
): [string, OperatorType, readonly Comparand[], JsonValue | undefined, boolean, Reading][] {
  return rows.map(([operator, comparands, value, expected]) => [
    `${operator} ${JSON.stringify(comparands)} of ${JSON.stringify(value)} is ${expected}`,
    operator,
    comparands,
    value,
    expected,
    reading,
  ]);
}

function passes(operator: OperatorType, comparands: readonly Comparand[], value: JsonValue | undefined, how: Reading) {
  return OPERATORS[operator].bind(comparands, how)(value);
}

const EVERY: Readonly<Record<OperatorType, readonly Comparand[]>> = {
  NumberIn: [1],
  NumberNotIn: [1],
  NumberLessThan: [1],
  NumberLessThanOrEquals: [1],
  NumberGreaterThan: [1],
  NumberGreaterThanOrEquals: [1],
  NumberInRange: [[1, 2]],
  NumberNotInRange: [[1, 2]],
  BoolEquals: [true],
  StringIn: ["a"],
  StringNotIn: ["a"],
  StringBeginsWith: ["a"],
  StringNotBeginsWith: ["a"],
  StringEndsWith: ["a"],
  StringNotEndsWith: ["a"],
  StringContains: ["a"],
  StringNotContains: ["a"],
  IsNullOrUndefined: [],
  IsNotNull: [],
};
const everyOperator = Object.keys(EVERY).filter(isOperatorType);

describe("[EG-FILTER-OPERATORS] operators on one value", () => {
  it("are the nineteen of Event Grid Basic", () => {
    expect(Object.keys(OPERATORS).toSorted()).toEqual(Object.keys(EVERY).toSorted());
    expect(isOperatorType("toString")).toBe(false);
    expect(isOperatorType("stringin")).toBe(false);
  });

  it.each(
    check([
      ["NumberIn", [1, 2], 2, true],
      ["NumberIn", [1, 2], 3, false],
      ["NumberIn", [0], -0, true],
      ["NumberNotIn", [1, 2], 3, true],
      ["NumberNotIn", [1, 2], 2, false],
      ["NumberLessThan", [1], 0.5, true],
      ["NumberLessThan", [1], 1, false],
      ["NumberLessThanOrEquals", [1], 1, true],
      ["NumberLessThanOrEquals", [1], 1.5, false],
      ["NumberGreaterThan", [1], 1.5, true],
      ["NumberGreaterThan", [1], 1, false],
      ["NumberGreaterThanOrEquals", [1], 1, true],
      ["NumberGreaterThanOrEquals", [1], 0.5, false],
      ["BoolEquals", [true], true, true],
      ["BoolEquals", [true], false, false],
      ["BoolEquals", [false], false, true],
      ["StringIn", ["a", "b"], "b", true],
      ["StringIn", ["a", "b"], "ab", false],
      ["StringNotIn", ["a", "b"], "c", true],
      ["StringNotIn", ["a", "b"], "a", false],
      ["StringBeginsWith", ["ab"], "abc", true],
      ["StringBeginsWith", ["bc"], "abc", false],
      ["StringNotBeginsWith", ["bc"], "abc", true],
      ["StringNotBeginsWith", ["ab"], "abc", false],
      ["StringEndsWith", ["bc"], "abc", true],
      ["StringEndsWith", ["ab"], "abc", false],
      ["StringNotEndsWith", ["ab"], "abc", true],
      ["StringNotEndsWith", ["bc"], "abc", false],
      ["StringContains", ["b"], "abc", true],
      ["StringContains", ["d"], "abc", false],
      ["StringNotContains", ["d"], "abc", true],
      ["StringNotContains", ["b"], "abc", false],
    ]),
  )("%s", (_name, operator, comparands, value, expected, how) => {
    expect(passes(operator, comparands, value, how)).toBe(expected);
  });
});

describe("[EG-FILTER-RANGE] ranges include both ends", () => {
  it.each(
    check([
      ["NumberInRange", [[1, 2]], 1, true],
      ["NumberInRange", [[1, 2]], 2, true],
      ["NumberInRange", [[1, 2]], 2.01, false],
      [
        "NumberInRange",
        [
          [1, 2],
          [5, 6],
        ],
        5.5,
        true,
      ],
      ["NumberInRange", [[2, 1]], 1.5, false],
      ["NumberNotInRange", [[1, 2]], 1, false],
      ["NumberNotInRange", [[1, 2]], 2, false],
      ["NumberNotInRange", [[1, 2]], 0.99, true],
    ]),
  )("%s", (_name, operator, comparands, value, expected, how) => {
    expect(passes(operator, comparands, value, how)).toBe(expected);
  });
});

describe("[EG-FILTER-VALUES] several values", () => {
  it.each(
    check([
      ["StringContains", ["x", "b"], "abc", true],
      ["StringNotContains", ["x", "b"], "abc", false],
      ["StringNotContains", ["x", "y"], "abc", true],
      ["StringNotBeginsWith", ["x", "a"], "abc", false],
      ["StringNotEndsWith", ["x", "c"], "abc", false],
      [
        "NumberNotInRange",
        [
          [1, 2],
          [4, 5],
        ],
        4,
        false,
      ],
      ["StringIn", [], "a", false],
      ["StringNotIn", [], "a", true],
    ]),
  )("%s", (_name, operator, comparands, value, expected, how) => {
    expect(passes(operator, comparands, value, how)).toBe(expected);
  });
});

/** Passing where nothing can be compared is the exception. */
const PASS_ABSENT: readonly OperatorType[] = ["NumberNotIn", "StringNotIn"];

describe("[EG-FILTER-ABSENT] a key that is not there, null, or of another type", () => {
  const comparing = everyOperator.filter((operator) => !operator.startsWith("Is"));

  it.each(comparing)("%s", (operator) => {
    const expected = PASS_ABSENT.includes(operator);
    for (const value of [undefined, null, {}, { a: 1 }]) {
      expect(passes(operator, EVERY[operator], value, PLAIN)).toBe(expected);
      expect(passes(operator, EVERY[operator], value, ARRAYS)).toBe(expected);
    }
    const otherType = operator.startsWith("String") ? 1 : "1";
    expect(passes(operator, EVERY[operator], otherType, PLAIN)).toBe(expected);
    expect(passes(operator, EVERY[operator], [1, 2, "a", true], PLAIN)).toBe(expected);
  });

  it("never takes a text for a number or a boolean", () => {
    expect(passes("NumberIn", [1], "1", PLAIN)).toBe(false);
    expect(passes("BoolEquals", [true], "true", PLAIN)).toBe(false);
    expect(passes("BoolEquals", [true], 1, PLAIN)).toBe(false);
    expect(passes("StringIn", ["1"], 1, PLAIN)).toBe(false);
  });
});

describe("[EG-FILTER-PRESENCE] looking only for a value", () => {
  it.each([
    [undefined, true],
    [null, true],
    ["", false],
    [0, false],
    [false, false],
    [{}, false],
    [[], false],
  ] as const)("of %j", (value, absent) => {
    for (const how of [PLAIN, ARRAYS]) {
      expect(passes("IsNullOrUndefined", [], value, how)).toBe(absent);
      expect(passes("IsNotNull", [], value, how)).toBe(!absent);
    }
  });
});

describe("[EG-FILTER-ARRAYS] arrays, where the subscription filters on them", () => {
  it.each(
    check(
      [
        ["StringIn", ["a"], ["b", "A"], true],
        ["StringIn", ["a"], ["b"], false],
        ["StringIn", ["a"], [], false],
        ["StringIn", ["a"], [1, null, ["a"]], false],
        ["StringNotIn", ["a"], ["b"], true],
        ["StringNotIn", ["a"], ["b", "a"], false],
        ["StringNotIn", ["a"], [], true],
        ["NumberIn", [1], ["1", 1], true],
        ["NumberNotIn", [1], [2, 1], false],
        ["NumberNotIn", [1], [2, "1"], true],
        ["NumberInRange", [[1, 2]], [5, 2], true],
        ["NumberNotInRange", [[1, 2]], [5, 2], false],
        ["NumberNotInRange", [[1, 2]], [5], true],
        ["NumberGreaterThan", [3], [1, 4], true],
        ["BoolEquals", [true], [false, true], true],
        ["StringNotContains", ["a"], ["bab"], false],
        ["StringNotContains", ["a"], [], true],
        ["StringNotBeginsWith", ["a"], ["b", 1], true],
        ["StringNotEndsWith", ["a"], ["b", "ca"], false],
      ],
      ARRAYS,
    ),
  )("%s", (_name, operator, comparands, value, expected, how) => {
    expect(passes(operator, comparands, value, how)).toBe(expected);
  });
});

describe("[EG-FILTER-TEXT-CASE] texts compare without case", () => {
  it.each(
    check([
      ["StringIn", ["ABC"], "abc", true],
      ["StringIn", ["É"], "é", true],
      ["StringNotIn", ["ABC"], "abc", false],
      ["StringBeginsWith", ["AB"], "abc", true],
      ["StringEndsWith", ["BC"], "abc", true],
      ["StringContains", ["B"], "abc", true],
      ["StringNotContains", ["B"], "abc", false],
      ["StringIn", ["STRASSE"], "straße", false],
      ["StringIn", ["STRAßE"], "straße", true],
      ["StringIn", ["I"], "ı", false],
      ["StringIn", ["S"], "ſ", false],
      ["StringIn", ["𐐀"], "𐐨", true],
    ]),
  )("%s", (_name, operator, comparands, value, expected, how) => {
    expect(passes(operator, comparands, value, how)).toBe(expected);
  });
});

describe("[EG-FILTER-CE-TEXT] numbers and booleans as texts", () => {
  const how: Reading = { arrays: true, scalarsAsText: true };

  it.each(
    check(
      [
        ["StringBeginsWith", ["5"], 5, true],
        ["StringIn", ["1.5"], 1.5, true],
        ["StringIn", ["TRUE"], true, true],
        ["StringNotIn", ["5"], 5, false],
        ["StringNotContains", ["5"], 6, true],
        ["StringIn", ["5"], [5], false],
        ["NumberIn", [5], "5", false],
        ["NumberIn", [5], 5, true],
      ],
      how,
    ),
  )("%s", (_name, operator, comparands, value, expected, reading) => {
    expect(passes(operator, comparands, value, reading)).toBe(expected);
  });
});
