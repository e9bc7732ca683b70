import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ENDPOINT_TYPES } from "../../src/core/destinations/index.ts";
import { withDestinationTable, withEndpointTable } from "../support/destination-table.ts";
import { configJsonSchema, configPage } from "../support/config-page.ts";

// `npm run generate` regenerates all of these.
describe("documents generated from the table of destinations", () => {
  it("README.md is up to date", async () => {
    const readme = new URL("../../README.md", import.meta.url).pathname;
    await expect(withDestinationTable(readFileSync(readme, "utf8"))).toMatchFileSnapshot(readme);
  });

  it("docs/cli.md is up to date", async () => {
    const page = new URL("../../docs/cli.md", import.meta.url).pathname;
    await expect(withEndpointTable(readFileSync(page, "utf8"))).toMatchFileSnapshot(page);
  });

  it.each(ENDPOINT_TYPES)("docs/destinations.md describes %s", (type) => {
    const page = readFileSync(new URL("../../docs/destinations.md", import.meta.url), "utf8");
    const headingOrRow = new RegExp(`^(?:#+ ${type}$|[|][^|]*\`${type}\`)`, "m");
    expect(page).toMatch(headingOrRow);
  });
});

describe("documents generated from the configuration's schema", () => {
  it("the JSON Schema for editors is up to date", async () => {
    await expect(configJsonSchema()).toMatchFileSnapshot("../../schema/ringmain.config.schema.json");
  });

  it("docs/config.md is up to date", async () => {
    await expect(configPage()).toMatchFileSnapshot("../../docs/config.md");
  });
});
