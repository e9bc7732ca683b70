import { decodeJwt } from "jose";
import { describe, expect, it } from "vitest";
import { oneRsaKey } from "../../../test/support/fixtures/rsa-keys.ts";
import { EntraTokens } from "../../auth/entra-token.ts";
import { LocalIssuer } from "../../auth/local-issuer/local-issuer.ts";
import type { DeliveryTokenRequest } from "../../ports/delivery-tokens.ts";
import { configSchema, type ConfigFile } from "../config/schema.ts";
import { createDeliveryTokens } from "./delivery-identity.ts";
import { ownAudienceCheck } from "./own-audiences.ts";

const NOW = Date.UTC(2029, 0, 1);
const OPERATOR = "00000000-0000-0000-0000-00000000000a";
const clock = { now: () => NOW, sleepUntil: () => Promise.resolve() };
const issuer = new LocalIssuer({
  instance: "22222222-2222-2222-2222-222222222222",
  privateKey: oneRsaKey(),
  clients: [{ clientId: OPERATOR, clientSecret: "secret", objectId: OPERATOR, roles: ["EventGrid Data Sender"] }],
  strangersRoles: undefined,
  now: () => NOW,
  newId: () => "an id",
});

function get(request: Partial<DeliveryTokenRequest>, file: ConfigFile = {}) {
  const tokens = createDeliveryTokens({
    config: configSchema.parse(file),
    clock,
    issuer,
    directory: () => undefined,
    origin: () => "https://localhost:6500",
  });
  return tokens.get({ audience: "api://receiver", source: "/topics/one", ...request });
}

async function tokenOf(request: Partial<DeliveryTokenRequest>): Promise<string> {
  const got = await get(request);
  if (got.kind === "failed") throw new Error(got.cause);
  return got.token;
}

describe("a token that deliveries carry", () => {
  it.each([OPERATOR, `/subscriptions/0/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${OPERATOR}`])(
    "[EG-ENTRA-WEBHOOK] never has a principal that the subscription chooses: %s",
    async (userAssignedIdentity) => {
      const identity = { type: "UserAssigned", userAssignedIdentity } as const;
      const { oid, appid } = decodeJwt(await tokenOf({ identity }));
      expect(oid).toMatch(/^[0-9a-f-]{36}$/);
      expect([oid, appid]).not.toContain(OPERATOR);
    },
  );

  it("gives no access to this server, even with an accepted audience", async () => {
    const tokens = new EntraTokens({ issuers: [issuer], audiences: ["api://receiver"] });
    const holder = await tokens.verify(await tokenOf({}), NOW);
    expect(holder).toMatchObject({ ids: [], roles: [] });
  });

  it.each([
    "https://management.azure.com",
    "HTTPS://MANAGEMENT.CORE.WINDOWS.NET//",
    "api://797F4846-ba00-4fd7-ba43-dac1f8f63013",
    "https://eventgrid.azure.net/",
    "4962773b-9cdb-44cf-a8bf-237846a00ab7",
    "https://localhost:6500",
    "https://ringmain.example",
    "api://publishers",
  ])("[EG-ENTRA-OWN-AUDIENCE] is never issued for this server, by any authority: %s", async (audience) => {
    const delivery = { authority: "https://login.example", clientId: "router", clientSecret: "secret" };
    const audiences = ["https://eventgrid.azure.net", "api://publishers"];
    const own = { tls: { names: ["ringmain.example"] }, identity: { audiences } };
    for (const file of [own, { ...own, identity: { audiences, delivery } }]) {
      expect(ownAudienceCheck(configSchema.parse(file))(audience)).toBe(true);
      expect(await get({ audience }, file)).toEqual({
        kind: "failed",
        cause: "its application is this server itself",
      });
    }
  });
});
