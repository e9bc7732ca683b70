import { afterEach, describe, expect, it } from "vitest";
import { desiredTopic, startEngine, type EngineHarness } from "../../../test/support/servers/engine-harness.ts";
import { topicId } from "../../core/resources/resource-id.ts";
import type { DesiredResource } from "../../core/resources/resources.ts";

let harness: EngineHarness | undefined;
afterEach(async () => {
  await harness?.stop();
});

const SUBSCRIPTION = "11111111-1111-1111-1111-111111111111";
const OTHER_SUBSCRIPTION = "22222222-2222-2222-2222-222222222222";

function topic(name: string, location = "westeurope", resourceGroup = "g", subscriptionId = SUBSCRIPTION) {
  return { ...desiredTopic(), id: topicId(name, { subscriptionId, resourceGroup }), name, location };
}

async function start(options: Parameters<typeof startEngine>[0] = {}) {
  harness = await startEngine(options);
  return harness.engine;
}

const fill = (from = 1): DesiredResource[] =>
  Array.from({ length: 101 - from }, (_unused, index) => topic(`topic-${from + index}`));

describe("a topic in its region", () => {
  it("[EG-TOPIC-NAME-TAKEN] has a unique name", async () => {
    const { controlPlane } = await start();
    await controlPlane.put(topic("taken"));
    await controlPlane.put({ ...topic("taken"), tags: { again: "yes" } });
    for (const other of [topic("Taken", "WestEurope", "h"), topic("taken", "westeurope", "g", OTHER_SUBSCRIPTION)]) {
      await expect(controlPlane.put(other)).rejects.toMatchObject({
        code: "conflict",
        message: "Topic with the specified name already exists. Choose a different topic name.",
      });
    }
    await controlPlane.put(topic("taken", "eastus", "h"));
    await controlPlane.delete(topic("taken").id);
    await controlPlane.put(topic("taken", "westeurope", "h"));
  });

  it("[EG-TOPIC-NAME-TAKEN] refuses one of two concurrent topics with the same name", async () => {
    const { controlPlane } = await start({ relaxedLimits: true });
    const both = await Promise.allSettled(["g", "h"].map((group) => controlPlane.put(topic("one", "eastus", group))));
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  });

  it("[EG-QUOTA-REGION] is refused beyond one hundred topics, even if several are created at once", async () => {
    const { controlPlane, directory } = await start();
    for (const each of fill(3)) await controlPlane.put(each);
    const last = [topic("a-1"), topic("a-2"), topic("a-3")];
    const results = await Promise.allSettled(last.map((each) => controlPlane.put(each)));
    expect(results).toMatchObject([
      { status: "fulfilled" },
      { status: "fulfilled" },
      {
        status: "rejected",
        reason: {
          code: "conflict",
          message: expect.stringMatching(/^Quota limit reached: a subscription has at most 100 topics in a region\./),
        },
      },
    ]);
    await controlPlane.put(topic("elsewhere", "eastus"));
    await controlPlane.put(topic("others", "westeurope", "g", OTHER_SUBSCRIPTION));
    await controlPlane.put({ ...topic("a-1"), tags: { changed: "yes" } });
    await controlPlane.delete(topic("a-2").id);
    await controlPlane.put(topic("a-3"));
    expect(directory.countInRegion({ ...topic("a-3"), type: "Microsoft.EventGrid/topics" })).toBe(100);
  });

  it("[EG-QUOTA-REGION] is accepted beyond one hundred with relaxed limits", async () => {
    const { controlPlane } = await start({ relaxedLimits: true });
    for (const each of fill()) await controlPlane.put(each);
    await expect(controlPlane.put(topic("one-more"))).resolves.toBeDefined();
  });
});
