import { describe, expect, it } from "vitest";
import { desiredSubscription } from "../../../test/support/fixtures/desired-resources.ts";
import { EG, GROUP, startArmApp, type ArmApp } from "../../../test/support/servers/arm-app.ts";
import { RingmainError } from "../../core/errors.ts";
import type { SystemEvent } from "../../core/event.ts";

/**
 * Starts an app with an event subscription to the group; collects raised events, or refuses them if `refuse` is set.
 */
async function watched(refuse = false): Promise<ArmApp & { readonly raised: SystemEvent[] }> {
  const app = await startArmApp();
  const raised: SystemEvent[] = [];
  const { engine } = app.harness;
  await engine.controlPlane.put(desiredSubscription("of-group", {}, GROUP));
  engine.publishSystemEvents = async (_source, events) => {
    if (refuse) throw new RingmainError("store_unavailable", "no");
    raised.push(...events);
  };
  return { ...app, raised };
}

const summaries = (raised: readonly SystemEvent[]): string[] =>
  raised.map(
    ({ eventType, data }) =>
      `${eventType.replace("Microsoft.Resources.Resource", "")} ${data["operationName"] as string}`,
  );

describe("events of management calls", () => {
  it("[EG-RESOURCE-EVENT] are raised for all writes of a deployment, with one correlation id", async () => {
    const { call, raised, harness } = await watched();
    const template = {
      $schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      contentVersion: "1.0.0.0",
      resources: [
        { type: "Microsoft.EventGrid/topics", apiVersion: "2022-06-15", name: "deployed", location: "local" },
      ],
    };
    const path = `${GROUP}/providers/Microsoft.Resources/deployments/first`;
    const headers = { "x-ms-correlation-request-id": "11111111-2222-3333-4444-555555555555" };
    await call("PUT", path, { properties: { mode: "Complete", template } }, headers);
    await expect.poll(() => raised).toHaveLength(3);
    expect(summaries(raised)).toEqual([
      "WriteSuccess Microsoft.EventGrid/topics/write",
      "DeleteSuccess Microsoft.EventGrid/topics/delete",
      "WriteSuccess Microsoft.Resources/deployments/write",
    ]);
    expect(new Set(raised.map(({ data }) => data["correlationId"]))).toEqual(
      new Set([headers["x-ms-correlation-request-id"]]),
    );
    expect(harness.engine.directory.get(`${EG}/topics/deployed`)).toBeDefined();
  });

  it("[EG-RESOURCE-EVENT] are raised for groups, and not for calls that only read or name no resource", async () => {
    const { call, raised } = await watched();
    await call("GET", `${EG}/topics/orders`);
    await call("PUT", `${EG}/nothings/one`, {});
    await call("POST", `${EG}/topics/orders`, {});
    await call("POST", `${GROUP.replace(/\/resourceGroups.*/, "")}/providers/Microsoft.Storage/checkNameAvailability`, {
      name: "abc",
    });
    expect(raised).toEqual([]);
    await call("PATCH", GROUP, { tags: { a: "b" } });
    expect(raised[0]).toMatchObject({
      subject: GROUP,
      data: { operationName: "Microsoft.Resources/subscriptions/resourceGroups/write", status: "Succeeded" },
    });
  });

  it("[EG-RESOURCE-EVENT] are dropped when they cannot be stored, and the call succeeds", async () => {
    const { call } = await watched(true);
    expect((await call("PUT", `${EG}/topics/made`, { location: "local" })).status).toBe(201);
  });
});
