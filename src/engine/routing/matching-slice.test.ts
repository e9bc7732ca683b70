import { describe, expect, it } from "vitest";
import type { PublishedEvent } from "../../core/event.ts";
import type { FilterRules } from "../../core/filter/shared-keys.ts";
import type { JsonObject } from "../../core/json.ts";
import type { FilterDescription } from "../../core/filter/description.ts";
import { makeEvent } from "../../../test/support/fixtures/make-event.ts";
import { MatchingSlice } from "./matching-slice.ts";
import { compileRoutingTable } from "./routing-table.ts";

const RULES: FilterRules = { schema: "EventGridSchema", tier: "basic" };

describe("[EG-FILTER-SLICES] long matching", () => {
  const large = (data: JsonObject): PublishedEvent => {
    const published = makeEvent({ data });
    const json = Buffer.from(JSON.stringify(published.body));
    return { ...published, envelope: { ...published.envelope, json } };
  };
  const contains = (value: string): FilterDescription => ({
    advancedFilters: [{ operatorType: "StringContains", key: "data.text", values: [value] }],
  });

  it("pauses between filters, and has the same result", async () => {
    const entries = Array.from({ length: 500 }, (_unused, target) => ({
      filter: contains(target % 2 === 0 ? "needle" : `absent ${target}`),
      target,
    }));
    const table = compileRoutingTable(RULES, entries);
    let turns = 0;
    const count = setInterval(() => (turns += 1), 0);
    const matched = await table.match(large({ text: `${"x".repeat(1_000_000)}needle` }), new MatchingSlice());
    clearInterval(count);
    expect(matched).toEqual(Array.from({ length: 250 }, (_unused, index) => index * 2));
    // 500 filters of 1 MB each are more than 60 slices of 8 MB; timers run in each pause.
    expect(turns).toBeGreaterThan(10);
  });

  it("uses one slice for all events of a request", async () => {
    const table = compileRoutingTable(RULES, [{ filter: contains("needle"), target: "it" }]);
    const slice = new MatchingSlice();
    const published = large({ text: `${"x".repeat(3_000_000)}needle` });
    const results = [1, 2, 3, 4].map(() => table.match(published, slice));
    expect(results.map((result) => result instanceof Promise)).toEqual([false, false, false, false]);
    expect(slice.isOver).toBe(true);
    await slice.pause();
    expect(slice.isOver).toBe(false);
  });
});
