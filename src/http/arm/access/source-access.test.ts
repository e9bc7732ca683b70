import { describe, expect, it } from "vitest";
import { desiredSubscription } from "../../../../test/support/fixtures/desired-resources.ts";
import { EG, GROUP, startArmApp, type ArmApp, type ArmReply } from "../../../../test/support/servers/arm-app.ts";
import { startTokenApp } from "../../../../test/support/servers/token-app.ts";
import { DEFAULT_SUBSCRIPTION_ID } from "../../../core/resources/resource-id.ts";

const SUBSCRIPTION = `/subscriptions/${DEFAULT_SUBSCRIPTION_ID}`;
const VAULT = `${SUBSCRIPTION}/resourceGroups/other/providers/Microsoft.KeyVault/vaults/v3`;
const SPY = `${EG}/systemTopics/spy`;
const VAULTS = "Microsoft.KeyVault.vaults";
const SOURCES_SUBSCRIPTION = "EventGrid EventSubscription Contributor";
const HOOK = {
  properties: {
    destination: { endpointType: "WebHook", properties: { endpointUrl: "https://hooks.example/?code=s" } },
  },
};
/** Both forms of a path through the system topic. */
const PATHS = [`${SPY}/eventSubscriptions`, `${SPY}/providers/Microsoft.EventGrid/eventSubscriptions`];

const topicOf = (source: string, topicType = VAULTS): object => ({
  location: "westeurope",
  properties: { source, topicType },
});

/** Starts an app with a system topic in the caller's group and one event subscription of the source in another group. */
async function startWithSpy(roles?: Record<string, string>): Promise<ArmApp> {
  const app = await startTokenApp({ kind: "nobody" }, roles);
  const { controlPlane } = app.harness.engine;
  await controlPlane.put({
    id: SPY,
    name: "spy",
    type: "Microsoft.EventGrid/systemTopics",
    location: "westeurope",
    properties: { source: VAULT, topicType: VAULTS },
  });
  await controlPlane.put(desiredSubscription("theirs", {}, VAULT));
  return app;
}

function expectRefused({ status, body }: ArmReply, operation: string, scope: string): void {
  expect({ status, code: body?.error?.code }).toEqual({ status: 403, code: "AuthorizationFailed" });
  expect(body.error.message).toContain(`perform action 'Microsoft.EventGrid/eventSubscriptions/${operation}'`);
  expect(body.error.message).toContain(`over scope '${scope}'`);
}

describe("[ARM-AUTH-SOURCE] a role on the group of a system topic", () => {
  it.each([
    [VAULT, VAULTS],
    [SUBSCRIPTION, "Microsoft.Resources.Subscriptions"],
    [`/${SUBSCRIPTION}/resourceGroups/other`, "Microsoft.Resources.ResourceGroups"],
  ])("does not allow a system topic of %s", async (source, topicType) => {
    const { call, harness } = await startTokenApp();
    expectRefused(await call("PUT", SPY, topicOf(source, topicType)), "write", source.replace(/^\/+/, "/"));
    expect(harness.engine.directory.get(SPY)).toBeUndefined();
  });

  it("allows a system topic of a source in this group, and everything on its event subscriptions", async () => {
    const { call } = await startTokenApp();
    const source = `${GROUP}/providers/Microsoft.KeyVault/vaults/mine`;
    expect((await call("PUT", SPY, topicOf(source))).status).toBe(201);
    for (const path of PATHS) {
      expect((await call("PUT", `${path}/one`, HOOK)).status).toBe(201);
      expect((await call("POST", `${path}/one/getFullUrl`)).status).toBe(200);
      expect((await call("DELETE", `${path}/one`)).status).toBe(200);
    }
    expect((await call("DELETE", SPY)).status).toBe(200);
  });

  it("still gets the rule's error for a source that is no id", async () => {
    const { call } = await startTokenApp();
    expect((await call("PUT", SPY, topicOf("vault"))).status).toBe(400);
  });

  it.each(PATHS)("does not reach the source's event subscriptions through %s", async (path) => {
    const { call, harness } = await startWithSpy();
    const theirs = `${VAULT}/providers/Microsoft.EventGrid/eventSubscriptions/theirs`;
    expectRefused(await call("GET", path), "read", VAULT);
    expectRefused(await call("GET", `${path}/theirs`), "read", theirs);
    expectRefused(await call("POST", `${path}/theirs/getFullUrl`), "getFullUrl/action", theirs);
    expectRefused(await call("PUT", `${path}/theirs`, HOOK), "write", theirs);
    expectRefused(await call("PATCH", `${path}/theirs`, { labels: ["x"] }), "write", theirs);
    expectRefused(await call("DELETE", `${path}/theirs`), "delete", theirs);
    expectRefused(await call("DELETE", `${path.toUpperCase()}/theirs`), "delete", theirs);
    expect(harness.engine.directory.get(theirs)).toBeDefined();
  });

  it("does not allow deleting the system topic while the source has event subscriptions", async () => {
    const { call, harness } = await startWithSpy();
    expectRefused(await call("DELETE", SPY), "delete", VAULT);
    const { resource } =
      harness.engine.directory.get(`${VAULT}/providers/Microsoft.EventGrid/eventSubscriptions/theirs`) ?? {};
    expect(resource?.name).toBe("theirs");
    await harness.engine.controlPlane.delete(resource?.id ?? "");
    expect((await call("DELETE", SPY)).status).toBeLessThan(300);
  });

  it("does not allow deleting the group with the system topic", async () => {
    const { call, harness } = await startWithSpy({ [GROUP]: "Contributor" });
    expectRefused(await call("DELETE", GROUP), "delete", VAULT);
    expect(harness.engine.directory.subscriptionCountOf(VAULT)).toBe(1);
  });

  it("does not allow a template what it does not allow a call", async () => {
    const { call, harness } = await startTokenApp();
    const deployment = `${GROUP}/providers/Microsoft.Resources/deployments/spy`;
    const template = {
      $schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      contentVersion: "1.0.0.0",
      resources: [
        { type: "Microsoft.EventGrid/systemTopics", apiVersion: "2022-06-15", name: "spy", ...topicOf(VAULT) },
      ],
    };
    await call("PUT", deployment, { properties: { mode: "Incremental", template } });
    await expect.poll(async () => (await call("GET", deployment)).body.properties.provisioningState).toBe("Failed");
    const { error } = (await call("GET", deployment)).body.properties;
    expect(error.details[0]).toMatchObject({ code: "AuthorizationFailed", target: SPY });
    expect(harness.engine.directory.get(SPY)).toBeUndefined();
  });
});

describe("[ARM-AUTH-SOURCE] a role at the source, too,", () => {
  it.each<[string, Record<string, string>]>([
    ["of the source alone", { [GROUP]: "EventGrid Contributor", [VAULT]: SOURCES_SUBSCRIPTION }],
    ["as Contributor of the Azure subscription", { [SUBSCRIPTION]: "Contributor" }],
    ["as Owner of the Azure subscription", { [SUBSCRIPTION]: "Owner" }],
  ])("allows everything: %s", async (_how, roles) => {
    const { call } = await startWithSpy(roles);
    expect((await call("PUT", SPY, topicOf(VAULT))).status).toBe(200);
    for (const path of PATHS) {
      expect((await call("GET", path)).body.value).toMatchObject([{ name: "theirs" }]);
      expect((await call("POST", `${path}/theirs/getFullUrl`)).status).toBe(200);
      expect((await call("PUT", `${path}/mine`, HOOK)).status).toBe(201);
      expect((await call("DELETE", `${path}/mine`)).status).toBe(200);
    }
    expect((await call("DELETE", SPY)).status).toBe(200);
  });

  it("is needed by no local caller in development", async () => {
    const { call } = await startArmApp();
    expect((await call("PUT", SPY, topicOf(VAULT))).status).toBe(201);
    expect((await call("PUT", `${SPY}/eventSubscriptions/one`, HOOK)).status).toBe(201);
    expect((await call("DELETE", SPY)).status).toBe(200);
  });
});
