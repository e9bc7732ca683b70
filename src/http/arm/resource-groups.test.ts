import { describe, expect, it } from "vitest";
import { EG, GROUP, startArmApp } from "../../../test/support/servers/arm-app.ts";
import { DEFAULT_SUBSCRIPTION_ID, DEFAULT_TENANT_ID } from "../../core/resources/resource-id.ts";

const S = `/subscriptions/${DEFAULT_SUBSCRIPTION_ID}`;
const names = (body: { value: { name: string }[] }): string[] => body.value.map(({ name }) => name);

describe("resource groups", () => {
  it("[ARM-GROUPS] must be created before the resources in them, except for the default one", async () => {
    const { call } = await startArmApp();
    const topic = `${S}/resourceGroups/Mine/providers/Microsoft.EventGrid/topics/t-1`;
    expect(await call("PUT", topic, { location: "local" })).toMatchObject({
      status: 404,
      body: { error: { code: "ResourceGroupNotFound", message: "Resource group 'Mine' could not be found." } },
    });
    const created = await call("PUT", `${S}/resourcegroups/Mine`, { location: "West US", tags: { a: "b" } });
    expect(created).toMatchObject({
      status: 201,
      body: {
        id: `${S}/resourceGroups/Mine`,
        name: "Mine",
        type: "Microsoft.Resources/resourceGroups",
        location: "westus",
        tags: { a: "b" },
        properties: { provisioningState: "Succeeded" },
      },
    });
    expect((await call("PUT", `${S}/resourcegroups/mine`, { location: "westus" })).status).toBe(200);
    expect((await call("PUT", topic.replace("Mine", "MINE"), { location: "local" })).body.id).toBe(topic);
    const elsewhere = EG.replace(DEFAULT_SUBSCRIPTION_ID, "11111111-2222-3333-4444-555555555555");
    expect((await call("PUT", `${elsewhere}/topics/t-2`, { location: "local" })).status).toBe(201);
  });

  it("[ARM-GROUPS] are listed, read and changed, whether created or implied", async () => {
    const { call } = await startArmApp();
    await call("PUT", `${S}/resourceGroups/mine`, { location: "local" });
    expect(names((await call("GET", `${S}/resourceGroups`)).body)).toEqual(["mine", "ringmain"]);
    expect((await call("GET", GROUP)).body).toMatchObject({ name: "ringmain", location: "local" });
    expect((await call("HEAD", `${S}/resourcegroups/MINE`)).status).toBe(204);
    expect((await call("HEAD", `${S}/resourcegroups/none`)).status).toBe(404);
    expect((await call("GET", `${S}/resourcegroups/none`)).body.error.code).toBe("ResourceGroupNotFound");
    expect((await call("PATCH", GROUP, { tags: { a: "b" } })).body).toMatchObject({ tags: { a: "b" } });
    expect((await call("GET", GROUP)).body).toMatchObject({ tags: { a: "b" } });
    expect((await call("PUT", `${S}/resourceGroups/ends.`, { location: "local" })).body.error.code).toBe(
      "InvalidResourceName",
    );
    expect((await call("DELETE", `${S}/resourceGroups/none`)).status).toBe(404);
  });

  it("[ARM-GROUPS] are deleted with all resources in them", async () => {
    const { call, harness } = await startArmApp();
    const group = `${S}/resourceGroups/mine`;
    const eg = `${group}/providers/Microsoft.EventGrid`;
    await call("PUT", group, { location: "local" });
    await call("PUT", `${eg}/topics/t-1`, { location: "local" });
    await call("PUT", `${eg}/topics/t-1/eventSubscriptions/one`, {
      properties: { destination: { endpointType: "WebHook", properties: { endpointUrl: "http://127.0.0.1:9" } } },
    });
    expect((await call("GET", `${group}/resources`)).body.value).toMatchObject([
      { name: "t-1", type: "Microsoft.EventGrid/topics" },
    ]);
    const filter = "resourceGroup eq 'MINE' and resourceType eq 'Microsoft.EventGrid/topics'";
    expect(names((await call("GET", `${S}/resources?api-version=2021-04-01&$filter=${filter}`)).body)).toEqual(["t-1"]);
    expect((await call("DELETE", group)).status).toBe(200);
    expect(Array.from(harness.engine.directory.all(), ({ resource }) => resource.name)).toEqual(["orders"]);
    expect((await call("GET", `${eg}/topics`)).body.error.code).toBe("ResourceGroupNotFound");
    expect((await call("DELETE", GROUP)).status).toBe(200);
    expect([...harness.engine.directory.all()]).toEqual([]);
    expect((await call("GET", GROUP)).status).toBe(200);
  });
});

describe("tenants, subscriptions and providers", () => {
  it("[ARM-SUBSCRIPTIONS] accept any id as a subscription, and list the default one and those with resources", async () => {
    const { call } = await startArmApp();
    const other = "11111111-2222-3333-4444-555555555555";
    expect((await call("GET", `/subscriptions/${other}`)).body).toMatchObject({
      id: `/subscriptions/${other}`,
      subscriptionId: other,
      tenantId: DEFAULT_TENANT_ID,
      state: "Enabled",
    });
    const ids = async (): Promise<string[]> =>
      (await call("GET", "/subscriptions")).body.value.map((each: { subscriptionId: string }) => each.subscriptionId);
    expect(await ids()).toEqual([DEFAULT_SUBSCRIPTION_ID]);
    await call("PUT", `/subscriptions/${other}/resourceGroups/rg`, { location: "local" });
    expect(await ids()).toEqual([DEFAULT_SUBSCRIPTION_ID, other]);
    expect((await call("GET", "/tenants")).body.value).toMatchObject([{ tenantId: DEFAULT_TENANT_ID }]);
    expect(names((await call("GET", `${S}/locations`)).body)).toContain("westeurope");
  });

  it("list all providers as registered, with the API versions of their types", async () => {
    const { call } = await startArmApp();
    const { body } = await call("GET", `${S}/providers/microsoft.eventgrid`);
    expect(body).toMatchObject({ namespace: "Microsoft.EventGrid", registrationState: "Registered" });
    expect(body.resourceTypes).toContainEqual(
      expect.objectContaining({ resourceType: "topics", defaultApiVersion: "2025-02-15" }),
    );
    expect((await call("GET", `${S}/providers`)).body.value).toHaveLength(5);
    expect((await call("POST", `${S}/providers/Microsoft.Storage/register`)).status).toBe(200);
    expect((await call("GET", `${S}/providers/Nobody.Here`)).body.error.code).toBe("InvalidResourceNamespace");
    expect((await call("DELETE", `${S}/providers/Microsoft.Storage`)).status).toBe(405);
  });
});
