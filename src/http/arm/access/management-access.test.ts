import { describe, expect, it } from "vitest";
import { desiredSubscription } from "../../../../test/support/fixtures/desired-resources.ts";
import { EG, GROUP, startArmApp, type ArmApp } from "../../../../test/support/servers/arm-app.ts";
import { OID, startTokenApp } from "../../../../test/support/servers/token-app.ts";
import type { SystemEvent } from "../../../core/event.ts";

const production = (): Promise<ArmApp> => startTokenApp({ kind: "key", key: "k3y" });
const as = (token: string) => ({ authorization: `Bearer ${token}` });

describe("management by token", () => {
  it("[ARM-AUTH-TOKEN] is possible beside the admin key, which allows everything", async () => {
    const { call } = await production();
    expect((await call("PUT", `${GROUP}-new`, { location: "local" }, as("k3y"))).status).toBe(201);
    expect((await call("PUT", `${GROUP}-new`, { location: "local" }, as("good"))).status).toBe(403);
    expect((await call("GET", EG, undefined, as("bad"))).status).toBe(401);
  });

  it("[ARM-AUTH-ROLE] raises events with claims and role, for refused calls too", async () => {
    const { call, harness } = await production();
    await harness.engine.controlPlane.put(desiredSubscription("of-group", {}, GROUP));
    const raised: SystemEvent[] = [];
    harness.engine.publishSystemEvents = async (_source, events) => void raised.push(...events);
    await call("PUT", `${EG}/topics/made`, { location: "local" });
    await call("DELETE", GROUP);
    expect(raised).toMatchObject([
      {
        eventType: "Microsoft.Resources.ResourceWriteSuccess",
        data: {
          authorization: { evidence: { role: "EventGrid Contributor", principalId: OID, roleAssignmentScope: GROUP } },
          claims: { appid: "app", oid: OID },
        },
      },
      { eventType: "Microsoft.Resources.ResourceDeleteFailure", data: { authorization: { evidence: {} } } },
    ]);
  });
});

describe("[EG-ACCESS-LOCAL] management in development", () => {
  const elsewhere = "172.17.0.1";
  const createGroup = async ({ call }: ArmApp, headers = {}, address?: string) =>
    call("PUT", `${GROUP}-new`, { location: "local" }, headers, address);

  it("accepts any token from programs on this machine", async () => {
    const app = await startArmApp();
    for (const address of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
      expect((await createGroup(app, as("any"), address)).status).toBeLessThan(300);
    }
  });

  it.each<[string, Record<string, string>, string, RegExp]>([
    ["from another machine", {}, elsewhere, /comes from 172\.17\.0\.1/],
    ["from another machine with the host 127.0.0.1", { host: "127.0.0.1" }, elsewhere, /comes from/],
    ["that claims to be forwarded from here", { "x-forwarded-for": "127.0.0.1" }, elsewhere, /comes from/],
    ["through a proxy", { "x-forwarded-for": elsewhere }, "127.0.0.1", /header 'x-forwarded-for'/],
    ["with an unknown host name", { host: "evil.example" }, "127.0.0.1", /'evil\.example'.*'tls\.names'/],
    ["from a page of another origin", { origin: "http://evil.example" }, "127.0.0.1", /page of another origin/],
  ])("refuses a request %s, and names the setting that allows it", async (_how, headers, address, reason) => {
    const { status, body } = await createGroup(await startArmApp(), headers, address);
    expect(status).toBe(403);
    expect(body.error.message).toMatch(reason);
    expect(body.error.message).toContain("Set 'adminKey' (RINGMAIN_ADMIN_KEY)");
  });

  it("accepts only the configured key, from any machine and with any characters", async () => {
    const key = "correct horse, battery: staple!";
    const app = await startArmApp({ admin: { kind: "key", key } });
    expect((await createGroup(app, as(key), elsewhere)).status).toBe(201);
    expect((await createGroup(app, as("any"))).status).toBe(401);
  });

  it("checks the roles of a token's holder on another machine", async () => {
    const app = await startTokenApp({ kind: "local" });
    const topic = `${EG}/topics/made`;
    expect((await app.call("PUT", topic, { location: "local" }, as("good"), elsewhere)).status).toBe(201);
    expect((await createGroup(app, as("good"), elsewhere)).status).toBe(403);
    expect((await createGroup(app, as("bad"), elsewhere)).status).toBe(401);
    expect((await createGroup(app, as("bad"))).status).toBe(201);
  });
});

describe("[ARM-AUTH-ROLE] the operation of a write", () => {
  it("may be read only by callers who may read the written resource", async () => {
    const { call, harness } = await startTokenApp();
    await harness.engine.controlPlane.put(desiredSubscription("of-group", {}, GROUP));
    const { controlPlane } = harness.engine;
    const mine = await call("PUT", `${GROUP}/providers/Microsoft.EventGrid/eventSubscriptions/mine`, {
      properties: { destination: { endpointType: "WebHook", properties: { endpointUrl: "https://hooks.example" } } },
    });
    expect(mine.status).toBe(201);
    const elsewhere = "/subscriptions/00000000-0000-0000-0000-00000000000f";
    const { resource } = await controlPlane.put(desiredSubscription("theirs", {}, elsewhere));
    const operation = new URL(mine.headers.get("azure-asyncoperation") ?? "");
    const path = operation.pathname + operation.search;
    expect((await call("GET", path)).status).toBe(200);
    expect(
      (await call("GET", path.replace(/operationsStatus\/[^?]+/, `operationsStatus/${resource.uid}`))).status,
    ).toBe(403);
    expect((await call("GET", path.replace(/operationsStatus\/[^?]+/, "operationsStatus/nothing"))).status).toBe(403);
  });
});

describe("[ARM-AUTH-ROLE] a token without a role at the scope", () => {
  it("reads facts, but no event subscriptions of a management group", async () => {
    const { call, harness } = await startTokenApp();
    const group = "/providers/Microsoft.Management/managementGroups/mg1";
    const { resource } = await harness.engine.controlPlane.put(desiredSubscription("theirs", {}, group));
    expect((await call("GET", resource.id)).status).toBe(403);
    expect((await call("GET", `${group}/providers/Microsoft.EventGrid/eventSubscriptions`)).status).toBe(403);
    expect((await call("GET", "/providers/Microsoft.EventGrid/topicTypes")).status).toBe(200);
  });

  it("reads no group through a nested deployment", async () => {
    const { call, harness } = await startTokenApp();
    const { controlPlane } = harness.engine;
    const other = GROUP.replace("ringmain", "other");
    await controlPlane.put({
      id: other,
      name: "other",
      type: "Microsoft.Resources/resourceGroups",
      location: "westeurope",
      properties: {},
    });
    const template = { contentVersion: "1.0.0.0", resources: [] };
    const nested = {
      type: "Microsoft.Resources/deployments",
      apiVersion: "2022-09-01",
      name: "inner",
      resourceGroup: "other",
      properties: { mode: "Incremental", template },
    };
    const deployment = `${GROUP}/providers/Microsoft.Resources/deployments/outer`;
    await call("PUT", deployment, {
      properties: { mode: "Incremental", template: { ...template, resources: [nested] } },
    });
    await expect.poll(async () => (await call("GET", deployment)).body.properties.provisioningState).toBe("Failed");
    expect((await call("GET", deployment)).body.properties.error.details[0].code).toBe("AuthorizationFailed");
  });
});

describe("[ARM-DEPLOYMENT] a deployment outside of Azure subscriptions", () => {
  it.each([
    ["", "MissingSubscription"],
    ["/providers/Microsoft.Management/managementGroups/mg1", "MissingSubscription"],
    [`${EG}/topics/orders`, "ResourceNotFound"],
  ])("is refused at '%s'", async (scope, code) => {
    const { call } = await startArmApp();
    const answer = await call("PUT", `${scope}/providers/Microsoft.Resources/deployments/tt`, { properties: {} });
    expect([answer.status, answer.body.error.code]).toEqual([404, code]);
  });
});
