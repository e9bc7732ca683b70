import { describe, expect, it } from "vitest";
import { destinations, webhookTo } from "../../test/contract/destination-fixtures.ts";
import type { DestinationFactory } from "../engine/engine.ts";

describe("createDestinations", () => {
  const factory: DestinationFactory = destinations();

  it("opens no dead letters where a subscription has no place for them", () => {
    expect(factory.openDeadLetter(webhookTo("http://127.0.0.1:9/"))).toBeUndefined();
  });
});
