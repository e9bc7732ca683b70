import { describe, expect, it } from "vitest";
import { compileGlob, globBase, isGlob } from "./glob-pattern.ts";

describe("compileGlob", () => {
  it.each<[string, string[], string[]]>([
    [
      "dist/functions/*.js",
      ["dist/functions/a.js", "dist/functions/a.test.js"],
      ["dist/functions/b/a.js", "dist/functions/.a.js"],
    ],
    [
      "dist/{index.js,functions/*.js}",
      ["dist/index.js", "dist/functions/a.js"],
      ["dist/other.js", "dist/functions/a.ts"],
    ],
    ["dist/**/*.js", ["dist/a.js", "dist/b/c/a.js"], ["a.js", "dist/.git/a.js"]],
    ["dist/**", ["dist/a.js", "dist/b/c"], ["dist2/a.js"]],
    ["a?.{m,c,}js", ["ab.js", "ab.mjs", "ab.cjs"], ["a.js", "abc.js", "ab.tjs"]],
    ["[ab]-[!0-9].js", ["a-x.js", "b-y.js"], ["c-x.js", "a-1.js", "a-/.js"]],
    ["{a,{b,c}d}/x.js", ["a/x.js", "bd/x.js", "cd/x.js"], ["b/x.js", "ad/x.js"]],
    ["a+(b).$js", ["a+(b).$js"], ["aa(b).$js", "a+(b)x$js"]],
    ["open{a", ["opena"], ["open{a"]],
    ["a,b}", ["a,b}"], ["a", "b"]],
    ["{a,}*", ["a", "ab", "b"], ["a/b"]],
    ["open[a", ["open[a"], ["opena"]],
  ])("%s", (glob, matching, others) => {
    const matches = compileGlob(glob);
    expect(matching.filter((path) => !matches(path))).toEqual([]);
    expect(others.filter(matches)).toEqual([]);
  });

  it.each(["*a*a*a*a*a*a*a*a*b", "**/*a*a*a*a*a*a*a*b", "{a,aa}{a,aa}*{a,aa}*{a,aa}*{a,aa}*b"])(
    "%s tests a long name of which many readings fail in proportion to its length",
    (glob) => {
      const matches = compileGlob(glob);
      expect(matches("a".repeat(5_000))).toBe(false);
      expect(matches(`${"a".repeat(5_000)}b`)).toBe(true);
    },
  );
});

describe("globBase", () => {
  it.each([
    ["dist/functions/*.js", "dist/functions"],
    ["dist/{a,b}/*.js", "dist"],
    ["*.js", ""],
    ["dist/a.js", "dist"],
  ])("of %s is '%s'", (glob, base) => {
    expect(globBase(glob)).toBe(base);
  });
});

describe("isGlob", () => {
  it.each([
    ["dist/a.js", false],
    ["dist/*.js", true],
    ["dist/{a,b}.js", true],
  ])("of %s is %s", (path, expected) => {
    expect(isGlob(path)).toBe(expected);
  });
});
