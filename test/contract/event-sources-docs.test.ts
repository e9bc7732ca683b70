import { describe, expect, it } from "vitest";
import { eventSourcesPage } from "../support/event-sources-page.ts";

// `npm run generate` writes it anew.
describe("what is generated from the catalogue", () => {
  it("docs/event-sources.md is up to date", async () => {
    await expect(await eventSourcesPage()).toMatchFileSnapshot("../../docs/event-sources.md");
  });
});
