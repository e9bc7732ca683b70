import { describe, expect, it } from "vitest";
import { destinations, subscriberTo, webhookTo } from "../../test/contract/destination-fixtures.ts";
import type { BatchingProperties } from "../core/destinations/description.ts";
import type { DestinationFactory } from "../engine/engine.ts";

const asFunction = (batching: BatchingProperties = {}) =>
  subscriberTo({ endpointType: "AzureFunction", properties: { resourceId: "", ...batching } });

describe("createDestinations", () => {
  const factory: DestinationFactory = destinations();

  it.each([
    [{}, { maxEvents: 1, preferredBytes: 65_536 }],
    [{ maxEventsPerBatch: 10 }, { maxEvents: 10, preferredBytes: 65_536 }],
    [{ preferredBatchSizeInKilobytes: 128 }, { maxEvents: 1, preferredBytes: 131_072 }],
    [
      { maxEventsPerBatch: 5_000, preferredBatchSizeInKilobytes: 1_024 },
      { maxEvents: 5_000, preferredBytes: 1_048_576 },
    ],
  ])("batches %j as %j [EG-BATCH-OUT]", (properties, expected) => {
    expect(factory.batching(asFunction(properties))).toEqual(expected);
  });

  it("opens no dead letters where a subscription has no place for them", () => {
    expect(factory.openDeadLetter(webhookTo("http://127.0.0.1:9/"))).toBeUndefined();
  });
});
