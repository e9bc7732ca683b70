import { EventGridPublisherClient, AzureKeyCredential } from "@azure/eventgrid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { armClient } from "../support/clients/arm-client.ts";
import {
  EVENT_GRID_PATH,
  GROUP_PATH,
  managementCalls,
  type ManagementCall,
} from "../support/clients/management-calls.ts";
import { Receiver } from "../support/servers/receiver.ts";
import { removeFolders, runRingmain, type RunningRingmain } from "../support/servers/run-ringmain.ts";

const TOPIC = `${EVENT_GRID_PATH}/topics/made`;
const SUBSCRIPTION = `${TOPIC}/providers/Microsoft.EventGrid/eventSubscriptions/hook`;
const DEPLOYMENT = `${GROUP_PATH}/providers/Microsoft.Resources/deployments/first`;

describe("bodies of management calls", () => {
  let receiver: Receiver;
  let ringmain: RunningRingmain;
  let call: ManagementCall;

  beforeAll(async () => {
    receiver = await Receiver.start();
    ringmain = await runRingmain();
    call = managementCalls(ringmain.ready.http, "2025-02-15");
  });

  afterAll(async () => {
    await ringmain.stop();
    await receiver.stop();
    await removeFolders();
  });

  async function publish(...types: readonly string[]): Promise<void> {
    const { key1 } = (await call("POST", `${TOPIC}/listKeys`)).body as { key1: string };
    const endpoint = `${ringmain.ready.http}/topics/made/api/events`;
    const client = new EventGridPublisherClient(endpoint, "EventGrid", new AzureKeyCredential(key1), {
      allowInsecureConnection: true,
      retryOptions: { maxRetries: 0 },
    });
    await client.send(types.map((eventType) => ({ eventType, subject: "s", dataVersion: "1", data: {} })));
  }

  const destination = () => ({ EndpointType: "webhook", Properties: { EndpointURL: receiver.url } });
  const state = async (): Promise<unknown> => (await call("GET", SUBSCRIPTION)).body.properties;

  it("[ARM-CASE] applies a filter whose members are in another case", async () => {
    await call("PUT", TOPIC, { Location: "local" });
    const Filter = { IncludedEventTypes: ["Wanted"], SUBJECTBEGINSWITH: "s" };
    const response = await call("PUT", SUBSCRIPTION, { Properties: { Destination: destination(), Filter } });
    expect(response.body.properties.filter).toMatchObject({ includedEventTypes: ["Wanted"], subjectBeginsWith: "s" });
    await publish("Unwanted", "Wanted");
    await receiver.until(() => receiver.events.some(({ eventType }) => eventType === "Wanted"));
    await fetch(`${ringmain.ready.http}/ringmain/quiesce`);
    expect(receiver.events.map(({ eventType }) => eventType)).not.toContain("Unwanted");
  });

  it("[ARM-CASE] applies access settings in another case, by PUT and by PATCH", async () => {
    await call("PUT", TOPIC, { location: "local", Properties: { DisableLocalAuth: true } });
    await expect(publish("Wanted")).rejects.toMatchObject({ statusCode: 401 });
    await call("PATCH", TOPIC, { PROPERTIES: { disablelocalauth: false, PublicNetworkAccess: "disabled" } });
    await expect(publish("Wanted")).rejects.toMatchObject({ statusCode: 403 });
    await call("PATCH", TOPIC, { properties: { publicNetworkAccess: null } });
    await publish("Wanted");
  });

  it("[ARM-CASE] reads a template's resources and parameters in any case", async () => {
    const template = {
      $schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      contentVersion: "1.0.0.0",
      parameters: { region: { type: "string" } },
      resources: [
        {
          type: "Microsoft.EventGrid/topics",
          apiVersion: "2025-02-15",
          name: "templated",
          Location: "[parameters('region')]",
          Properties: { DisableLocalAuth: true, InputSchema: "cloudeventschemav1_0" },
        },
      ],
    };
    const body = {
      Properties: { Mode: "incremental", Template: template, Parameters: { REGION: { Value: "westeurope" } } },
    };
    expect((await call("PUT", DEPLOYMENT, body)).status).toBe(201);
    let response = await call("GET", DEPLOYMENT);
    while (response.body.properties.provisioningState === "Running") response = await call("GET", DEPLOYMENT);
    expect(response.body.properties.provisioningState).toBe("Succeeded");
    expect((await call("GET", `${EVENT_GRID_PATH}/topics/templated`)).body).toMatchObject({
      location: "westeurope",
      properties: { disableLocalAuth: true, inputSchema: "CloudEventSchemaV1_0" },
    });
  });

  it("[ARM-CASE] reads the bodies of calls below a resource in any case", async () => {
    const keys = (await call("POST", `${TOPIC}/listKeys`)).body;
    const response = await call("POST", `${TOPIC}/regenerateKey`, { KEYNAME: "KEY1" });
    expect(response.body.key2).toBe(keys.key2);
    expect(response.body.key1).not.toBe(keys.key1);
    const assignment = `${TOPIC}/providers/Microsoft.Authorization/roleAssignments/5ae6b4ec-7d32-4a3f-8f3f-0b1f3c6d8a11`;
    const role = "/providers/Microsoft.Authorization/roleDefinitions/d5a91429-5739-47e2-a06b-3470a27159e7";
    const principal = "6f541064-031d-4cc8-9ec3-a3b4fc0f7185";
    const assigned = await call("PUT", assignment, {
      Properties: { RoleDefinitionId: role, PrincipalId: principal, PrincipalType: "serviceprincipal" },
    });
    expect(assigned).toMatchObject({ status: 201, body: { properties: { principalType: "ServicePrincipal" } } });
  });

  it("[ARM-PATCH-NULL] clears members of a subscription that are null, also in the management SDK's requests", async () => {
    const dead = {
      endpointType: "StorageBlob",
      properties: {
        resourceId: `${GROUP_PATH}/providers/Microsoft.Storage/storageAccounts/a`,
        blobContainerName: "dead",
      },
    };
    const all = {
      labels: ["one"],
      expirationTimeUtc: "2999-01-01T00:00:00.000Z",
      deadLetterDestination: dead,
      retryPolicy: { maxDeliveryAttempts: 2, eventTimeToLiveInMinutes: 2 },
      filter: { subjectBeginsWith: "x" },
    };
    const defaults = {
      labels: null,
      expirationTimeUtc: null,
      deadLetterDestination: null,
      retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 },
      filter: { subjectBeginsWith: "" },
    };
    const put = () => call("PUT", SUBSCRIPTION, { properties: { destination: destination(), ...all } });
    expect((await put()).status).toBe(201);
    expect(await state()).toMatchObject(all);
    const nothing = Object.fromEntries(Object.keys(all).map((name) => [name, null]));
    expect((await call("PATCH", SUBSCRIPTION, nothing)).status).toBe(201);
    expect(await state()).toMatchObject(defaults);

    await put();
    const client = armClient(ringmain.ready.http);
    await client.eventSubscriptions.beginUpdateAndWait(TOPIC, "hook", nothing);
    expect(await state()).toMatchObject({ ...defaults, destination: { endpointType: "WebHook" } });
    await client.topics.beginUpdateAndWait("ringmain", "made", { tags: { a: "b" } });
    await client.topics.beginUpdateAndWait("ringmain", "made", { tags: null as never });
    expect((await client.topics.get("ringmain", "made")).tags ?? null).toBeNull();
  });

  it("[ARM-BODY-UNKNOWN] [ARM-BODY-TWICE] logs the names of members without effect, but not their values", async () => {
    const body = {
      location: "local",
      tags: { Team: "a", TEAM: "b" },
      Location: "local",
      properties: { disableLocalAuht: "a-secret-value", publicNetworkAccess: "Enabled" },
    };
    const response = await call("PUT", `${EVENT_GRID_PATH}/topics/misspelt`, body);
    expect(response).toMatchObject({
      status: 201,
      body: { tags: { TEAM: "b" }, properties: { disableLocalAuth: false } },
    });
    expect(response.body.tags).toEqual({ TEAM: "b" });
    const resource = `${EVENT_GRID_PATH}/topics/misspelt`;
    expect(await ringmain.line(({ event }) => event === "members_ignored")).toMatchObject({
      level: "warn",
      resource,
      members: ["properties.disableLocalAuht (did you mean 'disableLocalAuth'?)"],
    });
    expect(await ringmain.line(({ event }) => event === "members_repeated")).toMatchObject({
      level: "warn",
      resource,
      members: ["location", "tags.TEAM"],
    });
    expect(ringmain.lines.join("\n")).not.toContain("a-secret-value");
  });
});
