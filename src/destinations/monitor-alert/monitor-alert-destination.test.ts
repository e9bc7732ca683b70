import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  cloudEventDelivery,
  destinations,
  NEVER,
  NOW,
  subscriberTo,
} from "../../../test/contract/destination-fixtures.ts";

const VAULT = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/safe";

describe("an alert", () => {
  const subscription = subscriberTo(
    {
      endpointType: "MonitorAlert",
      properties: { severity: "Sev2", description: "A secret ends", actionGroups: ["/g"] },
    },
    { source: VAULT, eventDeliverySchema: "CloudEventSchemaV1_0" },
  );

  it("is recorded in the file and can be listed [EG-ALERT]", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ringmain-alerts-"));
    const factory = destinations({ alertsFile: join(folder, "alerts.jsonl") });
    const outcome = await factory.open(subscription).deliver([cloudEventDelivery({ subject: "key" })], NOW, NEVER);
    expect(outcome).toEqual({ kind: "accepted" });
    const alert = {
      firedAt: "2026-03-09T07:05:00.0000000Z",
      severity: "Sev2",
      description: "A secret ends",
      actionGroups: ["/g"],
      eventSubscription: subscription.id,
      source: VAULT,
      event: { specversion: "1.0", subject: "key" },
    };
    expect(factory.alerts()).toMatchObject([alert]);
    const [line = "", end] = (await readFile(join(folder, "alerts.jsonl"), "utf8")).split("\n");
    expect(JSON.parse(line)).toMatchObject(alert);
    expect(end).toBe("");
    await factory.close();
    await rm(folder, { recursive: true });
  });

  it("is kept in memory until a thousand newer ones were fired", async () => {
    const factory = destinations();
    const destination = factory.open(subscription);
    for (let at = 0; at < 1_001; at += 1)
      await destination.deliver([cloudEventDelivery({ subject: `${at}` })], NOW, NEVER);
    const alerts = factory.alerts();
    expect(alerts).toHaveLength(1_000);
    expect([alerts[0], alerts.at(-1)]).toMatchObject([{ event: { subject: "1" } }, { event: { subject: "1000" } }]);
    await factory.close();
  });
});
