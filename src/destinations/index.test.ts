import { describe, expect, it } from "vitest";
import { destinations, webhookTo } from "../../test/contract/destination-fixtures.ts";
import type { DestinationFactory } from "../engine/engine.ts";

describe("createDestinations", () => {
  const factory: DestinationFactory = destinations();

  it("opens no dead letters for a subscription without a dead-letter destination", () => {
    expect(factory.openDeadLetter(webhookTo("http://127.0.0.1:9/"))).toBeUndefined();
  });
});
