import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { memberPaths } from "../../src/resource-manager/body/body-request.ts";
import { RESOURCE_TYPES } from "../../src/resource-manager/resource-types.ts";

const page = new URL("../../docs/management.md", import.meta.url).pathname;
/** Matches the rows of the table of resource types. */
const ROWS = /(?:^\| `[^\n]*\n)+/m;

// `npm run generate` regenerates the table.
it("the table of resource types in docs/management.md is up to date", async () => {
  const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(", ");
  const rows = Object.values(RESOURCE_TYPES).map(({ type, patch, actions }) => {
    const members = patch === undefined ? [] : memberPaths(patch.table).map((path) => path.replace("properties.", ""));
    return `| \`${type}\` | yes | ${code(members)} | ${code(actions)} |\n`;
  });
  await expect(readFileSync(page, "utf8").replace(ROWS, rows.join(""))).toMatchFileSnapshot(page);
});
