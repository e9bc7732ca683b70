import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_SUBSCRIPTION_ID, DEFAULT_TENANT_ID } from "../../src/core/resources/resource-id.ts";
import { removeFolders, runRingmain, type RunningRingmain } from "../support/servers/run-ringmain.ts";

const GROUP = `/subscriptions/${DEFAULT_SUBSCRIPTION_ID}/resourceGroups/ringmain`;
const TOPIC = `${GROUP}/providers/Microsoft.EventGrid/topics/guarded`;
const MANAGEMENT = "https://management.azure.com";
const OPERATOR = "00000000-0000-0000-0000-00000000000a";
const PUBLISHER = "00000000-0000-0000-0000-00000000000b";
const SENDER = "d5a91429-5739-47e2-a06b-3470a27159e7";

describe("management in production", () => {
  let ringmain: RunningRingmain;

  beforeAll(async () => {
    ringmain = await runRingmain({
      config: {
        mode: "production",
        topics: [{ name: "guarded" }],
        clients: [
          { clientId: "operator", clientSecret: "one", objectId: OPERATOR },
          // Roles in a token are for events only.
          { clientId: "publisher", clientSecret: "two", objectId: PUBLISHER, roles: ["Owner"] },
        ],
        roleAssignments: [{ principalId: OPERATOR, role: "Owner", scope: GROUP }],
      },
    });
  });

  afterAll(async () => {
    await ringmain.stop();
    await removeFolders();
  });

  async function token(client: string, secret: string, audience = MANAGEMENT): Promise<string> {
    const form = { grant_type: "client_credentials", client_id: client, client_secret: secret };
    const body = new URLSearchParams({ ...form, scope: `${audience}/.default` });
    const answer = await fetch(`${ringmain.ready.http}/${DEFAULT_TENANT_ID}/oauth2/v2.0/token`, {
      method: "POST",
      body,
    });
    return ((await answer.json()) as { access_token: string }).access_token;
  }

  async function call(bearer: string, method: string, path: string, content?: object): Promise<[number, string]> {
    const answer = await fetch(`${ringmain.ready.http}${path}?api-version=2022-06-15`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
      ...(content === undefined ? {} : { body: JSON.stringify(content) }),
    });
    return [answer.status, await answer.text()];
  }

  const publish = async (bearer: string): Promise<number> => {
    const { status } = await fetch(`${ringmain.ready.http}/topics/guarded/api/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
      body: JSON.stringify([
        { id: "1", eventType: "t", subject: "s", eventTime: new Date(0), data: {}, dataVersion: "1" },
      ]),
    });
    return status;
  };

  it("[ARM-AUTH-TOKEN] accepts management tokens of trusted issuers only", async () => {
    expect((await call(await token("operator", "one"), "GET", TOPIC))[0]).toBe(200);
    const forEvents = await call(await token("operator", "one", "https://eventgrid.azure.net"), "GET", TOPIC);
    expect(forEvents).toEqual([401, expect.stringContaining("Its audience is not this service")]);
    expect((await call("anything", "GET", TOPIC))[0]).toBe(401);
  });

  it("[ARM-AUTH-ROLE] allows what the assigned roles allow, as soon as they are assigned", async () => {
    const operator = await token("operator", "one");
    const publisher = await token("publisher", "two");
    expect(await call(publisher, "GET", TOPIC)).toEqual([
      403,
      expect.stringMatching(/AuthorizationFailed.*object id '00000000-0000-0000-0000-00000000000b'.*topics\/read/),
    ]);
    const outside = GROUP.replace("/ringmain", "/elsewhere");
    expect((await call(operator, "PUT", outside, { location: "local" }))[0]).toBe(403);
    expect((await call(publisher, "GET", "/subscriptions"))[0]).toBe(200);

    const events = await token("publisher", "two", "https://eventgrid.azure.net");
    expect(await publish(events)).toBe(401);
    const assignment = `${TOPIC}/providers/Microsoft.Authorization/roleAssignments/${PUBLISHER}`;
    const roleDefinitionId = `/subscriptions/${DEFAULT_SUBSCRIPTION_ID}/providers/Microsoft.Authorization/roleDefinitions/${SENDER}`;
    const properties = { roleDefinitionId, principalId: PUBLISHER, principalType: "ServicePrincipal" };
    expect((await call(publisher, "PUT", assignment, { properties }))[0]).toBe(403);
    expect((await call(operator, "PUT", assignment, { properties }))[0]).toBe(201);
    expect(await publish(events)).toBe(200);
    expect((await call(publisher, "GET", TOPIC))[0]).toBe(200);
    expect((await call(publisher, "POST", `${TOPIC}/listKeys`))[0]).toBe(403);
    expect((await call(operator, "DELETE", assignment))[0]).toBe(200);
    expect(await publish(events)).toBe(401);
  });

  it("[EG-ENTRA-OWN-AUDIENCE] does not send tokens for its own audience to webhooks", async () => {
    const operator = await token("operator", "one");
    const subscription = `${TOPIC}/providers/Microsoft.EventGrid/eventSubscriptions/thief`;
    for (const audience of ["HTTPS://Management.Azure.com//", "api://797f4846-ba00-4fd7-ba43-dac1f8f63013"]) {
      const properties = {
        endpointUrl: "https://thief.example",
        azureActiveDirectoryTenantId: DEFAULT_TENANT_ID,
        azureActiveDirectoryApplicationIdOrUri: audience,
      };
      const destination = { endpointType: "WebHook", properties };
      const [status, text] = await call(operator, "PUT", subscription, { properties: { destination } });
      expect([status, text]).toEqual([400, expect.stringContaining("azureActiveDirectoryApplicationIdOrUri")]);
    }
  });
});
