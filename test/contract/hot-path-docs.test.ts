import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = new URL("../../", import.meta.url).pathname;
const rows = readFileSync(join(root, "docs/hot-path.md"), "utf8")
  .split("\n")
  .flatMap((line) => {
    const [, name, file, figure] = /^\| `(\w+)` in `(src\/[^`]+)` \|.*\| ([^|]+) \|$/.exec(line) ?? [];
    return name === undefined || file === undefined ? [] : [{ name, file, figure: figure ?? "" }];
  });

describe("docs/hot-path.md", () => {
  it("lists its rows in the form that is checked here", () => {
    const lines = readFileSync(join(root, "docs/hot-path.md"), "utf8").match(/^\| `/gm) ?? [];
    expect(rows).toHaveLength(lines.length);
  });

  it.each(rows)("$name is in $file, which points back", ({ name, file }) => {
    const text = readFileSync(join(root, file), "utf8");
    expect(text).toMatch(new RegExp(`(?:class|function|const) ${name}\\b`));
    expect(text).toContain("docs/hot-path.md");
  });

  it.each(rows)("$name has a number, or names the row that has it", ({ figure }) => {
    const [, referred] = /^see `(\w+)`$/.exec(figure) ?? [];
    if (referred === undefined) expect(figure).toMatch(/\d/);
    else expect(rows.map(({ name }) => name)).toContain(referred);
  });
});
