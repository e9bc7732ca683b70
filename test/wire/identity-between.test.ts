import { createRemoteJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Receiver } from "../support/servers/receiver.ts";
import { removeFolders, runRingmain, temporaryFolder, type RunningRingmain } from "../support/servers/run-ringmain.ts";

const TENANT = "11111111-1111-1111-1111-111111111111";
const event = { id: "1", subject: "s", eventType: "t", eventTime: "2026-01-01T00:00:00Z", data: {}, dataVersion: "1" };

/** One Ringmain is the authority. The other trusts its tokens and uses them for deliveries, as it would use Entra's. */
describe("a router in production with a configured authority", () => {
  let receiver: Receiver;
  let authority: RunningRingmain;
  let router: RunningRingmain;
  let issuer: string;

  beforeAll(async () => {
    receiver = await Receiver.start();
    const env = { RINGMAIN_TLS_FOLDER: await temporaryFolder() };
    authority = await runRingmain({
      env,
      config: {
        topics: [],
        clients: [
          { clientId: "shop", clientSecret: "shop's secret", objectId: "shop-principal" },
          { clientId: "router", clientSecret: "router's secret", objectId: "router-principal", roles: ["Caller"] },
        ],
      },
    });
    const { http } = authority.ready;
    const metadata = await fetch(`${http}/${TENANT}/v2.0/.well-known/openid-configuration`);
    ({ issuer } = (await metadata.json()) as { issuer: string });
    const destination = {
      endpointType: "WebHook",
      properties: {
        endpointUrl: receiver.url,
        azureActiveDirectoryTenantId: TENANT,
        azureActiveDirectoryApplicationIdOrUri: "api://receiver",
      },
    };
    router = await runRingmain({
      env,
      config: {
        mode: "production",
        identity: {
          issuers: [issuer],
          delivery: { authority: http, clientId: "router", clientSecret: "router's secret" },
        },
        delivery: { allowedHosts: ["127.0.0.1"] },
        topics: [{ name: "orders", disableLocalAuth: true, subscriptions: [{ name: "all", destination }] }],
        roleAssignments: [{ principalId: "shop-principal", role: "EventGrid Data Sender" }],
      },
    });
  });

  afterAll(async () => {
    expect(await router.stop()).toBe(0);
    expect(await authority.stop()).toBe(0);
    await receiver.stop();
    await removeFolders();
  });

  async function tokenFor(clientId: string, audience: string): Promise<string> {
    const form = {
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: `${clientId}'s secret`,
      scope: `${audience}/.default`,
    };
    const url = `${authority.ready.http}/${TENANT}/oauth2/v2.0/token`;
    const answer = await fetch(url, { method: "POST", body: new URLSearchParams(form) });
    return ((await answer.json()) as { access_token: string }).access_token;
  }

  async function publish(token: string): Promise<number> {
    const endpoint = router.ready.topics[0]?.endpoint ?? "";
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return (await fetch(endpoint, { method: "POST", headers, body: JSON.stringify([event]) })).status;
  }

  it("[EG-ENTRA-KEYS] accepts publishers with the role, verified with the issuer's published keys", async () => {
    expect(await publish(await tokenFor("shop", "https://eventgrid.azure.net"))).toBe(200);
    expect(await publish(await tokenFor("router", "https://eventgrid.azure.net"))).toBe(401);
    expect(await publish(await tokenFor("shop", "https://another.example"))).toBe(401);
  });

  it("[EG-ENTRA-WEBHOOK] sends receivers a token that they can verify, beginning with the handshake", async () => {
    expect(await publish(await tokenFor("shop", "https://eventgrid.azure.net"))).toBe(200);
    await receiver.until(() => receiver.events.length > 0);
    const keys = createRemoteJWKSet(new URL(`${authority.ready.http}/${TENANT}/discovery/v2.0/keys`));
    for (const request of [receiver.validations[0], receiver.requests[0]]) {
      const token = request?.headers.authorization?.replace("Bearer ", "") ?? "";
      const { payload } = await jwtVerify(token, keys, { issuer, audience: "api://receiver" });
      expect(payload).toMatchObject({ appid: "router", oid: "router-principal", roles: ["Caller"], tid: TENANT });
    }
  });

  it("issues no tokens itself, and reveals no secrets", async () => {
    const form = { grant_type: "client_credentials", client_id: "shop", client_secret: "any", scope: "x/.default" };
    const body = new URLSearchParams(form);
    const answer = await fetch(`${router.ready.http}/${TENANT}/oauth2/v2.0/token`, { method: "POST", body });
    expect(answer.status).toBe(404);
    for (const line of [...router.lines, ...authority.lines]) expect(line).not.toMatch(/secret|eyJ/);
  });
});
