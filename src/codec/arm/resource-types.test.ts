import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { RESOURCE_TYPES } from "./resource-types.ts";

describe("the table in docs/management.md", () => {
  it("is the table of kinds", () => {
    const page = readFileSync(new URL("../../../docs/management.md", import.meta.url), "utf8");
    const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(", ");
    const rows = Object.values(RESOURCE_TYPES).map(
      ({ type, patchable, actions }) =>
        `| \`${type}\` | yes | ${code(patchable.map((path) => path.replace("properties.", "")))} | ${code(actions)} |`,
    );
    expect(page.split("\n").filter((line) => line.startsWith("| `"))).toEqual(rows);
  });
});
