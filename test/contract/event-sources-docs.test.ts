import { describe, expect, it } from "vitest";
import { eventSourcesPage } from "../support/event-sources-page.ts";

// `npm run generate` regenerates the page.
describe("documents generated from the catalogue", () => {
  it("docs/event-sources.md is up to date", async () => {
    await expect(await eventSourcesPage()).toMatchFileSnapshot("../../docs/event-sources.md");
  });
});
