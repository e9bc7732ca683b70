import { describe, expect, it } from "vitest";
import type { JsonValue } from "../json.ts";
import { bindOperator, indexingOf } from "./bind-operator.ts";
import type { Comparand, Reading } from "./comparisons.ts";
import {
  isOperatorType,
  OPERATOR_TYPES,
  OPERATORS,
  operatorsTaking,
  type ComparandForm,
  type OperatorType,
  type Tier,
} from "./operators.ts";

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
  return bindOperator(operator, comparands, how, "basic")(value);
}

/** Comparands of each form. */
const SAMPLES: Readonly<Record<ComparandForm, readonly Comparand[]>> = {
  number: [1],
  boolean: [true],
  numbers: [1],
  ranges: [[1, 2]],
  strings: ["a"],
  none: [],
};

function samplesFor(operator: OperatorType): readonly Comparand[] {
  return SAMPLES[OPERATORS[operator].takes];
}

describe("[EG-FILTER-OPERATORS] operators on one value", () => {
  it.each<[ComparandForm[], OperatorType[]]>([
    [
      ["number", "boolean"],
      ["NumberLessThan", "NumberLessThanOrEquals", "NumberGreaterThan", "NumberGreaterThanOrEquals", "BoolEquals"],
    ],
    [["numbers"], ["NumberIn", "NumberNotIn"]],
    [["ranges"], ["NumberInRange", "NumberNotInRange"]],
    [
      ["strings"],
      ["StringIn", "StringBeginsWith", "StringEndsWith", "StringContains"].flatMap((name) => [
        name as OperatorType,
        name.replace("String", "StringNot") as OperatorType,
      ]),
    ],
    [["none"], ["IsNullOrUndefined", "IsNotNull"]],
  ])("that take %j are Azure's", (forms, names) => {
    expect(operatorsTaking(...forms)).toEqual(expect.arrayContaining(names));
  });

  it("have exact names", () => {
    expect(isOperatorType("StringIn")).toBe(true);
    expect(isOperatorType("stringin")).toBe(false);
    expect(isOperatorType("toString")).toBe(false);
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

/** The operators that pass without a comparable value: an exception in either tier. */
const PASS_ABSENT: Readonly<Record<Tier, readonly OperatorType[]>> = {
  basic: ["NumberNotIn", "StringNotIn"],
  namespaces: ["NumberNotIn", "NumberNotInRange", "StringNotIn"],
};
const TIERS = ["basic", "namespaces"] as const;

describe("[EG-FILTER-ABSENT] a key that is absent, null, or of another type", () => {
  const comparing = OPERATOR_TYPES.filter((operator) => !operator.startsWith("Is"));

  it.each(TIERS.flatMap((tier) => comparing.map((operator) => [tier, operator] as const)))(
    "%s: %s",
    (tier, operator) => {
      const expected = PASS_ABSENT[tier].includes(operator);
      const plain = bindOperator(operator, samplesFor(operator), PLAIN, tier);
      const onArrays = bindOperator(operator, samplesFor(operator), ARRAYS, tier);
      for (const value of [undefined, null, {}, { a: 1 }]) {
        expect(plain(value)).toBe(expected);
        expect(onArrays(value)).toBe(expected);
      }
      expect(plain(operator.startsWith("String") ? 1 : "1")).toBe(expected);
      expect(plain([1, 2, "a", true])).toBe(expected);
    },
  );

  it.each(TIERS)("the index serves no operator that passes without a value (%s)", (tier) => {
    for (const operator of OPERATOR_TYPES) {
      const passesAbsent = bindOperator(operator, samplesFor(operator), PLAIN, tier)(undefined);
      expect([operator, indexingOf(operator, tier) === undefined]).toEqual([operator, passesAbsent]);
    }
  });

  it("never compares a text as a number or a boolean", () => {
    expect(passes("NumberIn", [1], "1", PLAIN)).toBe(false);
    expect(passes("BoolEquals", [true], "true", PLAIN)).toBe(false);
    expect(passes("BoolEquals", [true], 1, PLAIN)).toBe(false);
    expect(passes("StringIn", ["1"], 1, PLAIN)).toBe(false);
  });
});

describe("[EG-FILTER-PRESENCE] operators that test for a value only", () => {
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

describe("[EG-FILTER-ARRAYS] arrays, if the subscription filters on them", () => {
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

describe("[EG-FILTER-TEXT-CASE] texts are compared ignoring case", () => {
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
