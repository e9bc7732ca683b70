import { describe, expect, it } from "vitest";
import { configJsonSchema, configPage } from "../support/config-page.ts";

// `npm run generate` writes both anew.
describe("what is generated from the configuration's schema", () => {
  it("the JSON Schema for editors is up to date", async () => {
    await expect(configJsonSchema()).toMatchFileSnapshot("../../schema/ringmain.config.schema.json");
  });

  it("docs/config.md is up to date", async () => {
    await expect(configPage()).toMatchFileSnapshot("../../docs/config.md");
  });
});
