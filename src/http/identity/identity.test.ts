import { Hono } from "hono";
import { createLocalJWKSet, decodeJwt, jwtVerify, type JSONWebKeySet } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { connectionFrom } from "../../../test/support/servers/arm-app.ts";
import { oneRsaKey } from "../../../test/support/fixtures/rsa-keys.ts";
import { EntraTokens } from "../../auth/entra-token.ts";
import { LocalIssuer, type TokenSubject } from "../../auth/local-issuer/local-issuer.ts";
import { newRsaKey } from "../../auth/rsa-key.ts";
import { DEFAULT_TENANT_ID } from "../../core/resources/resource-id.ts";
import { SILENT_LOGGER } from "../../ports/logger.ts";
import { errorResponse } from "../error-response.ts";
import { BodyBudget } from "../read-body.ts";
import { identityRoutes } from "./identity.ts";

const NOW = Date.UTC(2029, 0, 1, 12, 30);
const TENANT = "11111111-1111-1111-1111-111111111111";
const INSTANCE = "22222222-2222-2222-2222-222222222222";
const ORIGIN = "https://localhost:6500";
const AUTHORITY = `${ORIGIN}/${INSTANCE}`;
const known = { clientId: "known", clientSecret: "the secret", objectId: "principal", roles: ["Reader"] };
const clock = { now: () => NOW, sleepUntil: () => Promise.resolve() };
const random = { next: () => 0, uuid: () => TENANT, secretBytes: (bytes: number) => new Uint8Array(bytes) };
const privateKey = oneRsaKey();
let app: Hono;

interface Started {
  readonly instance?: string;
  readonly privateKey?: () => Promise<string>;
  readonly clients?: readonly (typeof known)[];
}

function start(mode: "dev" | "production", started: Started = {}): LocalIssuer {
  const issuer = new LocalIssuer({
    instance: INSTANCE,
    privateKey,
    clients: [known],
    strangersRoles: mode === "dev" ? ["EventGrid Data Sender"] : undefined,
    now: () => NOW,
    newId: () => "an id",
    ...started,
  });
  app = new Hono();
  app.onError((thrown) => errorResponse(thrown, SILENT_LOGGER));
  const anybody = mode === "dev" ? { names: ["ringmain"] } : undefined;
  app.route("/", identityRoutes({ issuer, anybody, bodies: new BodyBudget(1_000_000), clock, random }));
  return issuer;
}

beforeEach(() => void start("dev"));

type TokenBody = Readonly<Record<string, unknown>> & { readonly access_token: string };

async function request(
  path: string,
  form?: Record<string, string>,
  headers: Record<string, string> = {},
  address = "127.0.0.1",
) {
  const init = {
    headers: { host: "localhost:6500", ...headers },
    ...(form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) }),
  };
  const response = await app.request(`${ORIGIN}${path}`, init, connectionFrom(address));
  return { status: response.status, headers: response.headers, body: (await response.json()) as TokenBody };
}

const grant = { grant_type: "client_credentials", client_id: "any", client_secret: "any" };
const scope = "https://eventgrid.azure.net/.default";

describe("[EG-ISSUER-METADATA] OpenID metadata", () => {
  it.each([
    [
      `/${TENANT}/v2.0`,
      `${AUTHORITY}/${TENANT}/v2.0`,
      `/${TENANT}/oauth2/v2.0/token`,
      `/${TENANT}/discovery/v2.0/keys`,
    ],
    [`/${TENANT}`, `${AUTHORITY}/${TENANT}/`, `/${TENANT}/oauth2/token`, `/${TENANT}/discovery/keys`],
    [
      "/common/v2.0",
      `${AUTHORITY}/${DEFAULT_TENANT_ID}/v2.0`,
      "/common/oauth2/v2.0/token",
      "/common/discovery/v2.0/keys",
    ],
    ["/adfs", `${AUTHORITY}/${DEFAULT_TENANT_ID}/`, "/adfs/oauth2/token", "/adfs/discovery/keys"],
    [
      `/adfs/${TENANT}/v2.0`,
      `${AUTHORITY}/${TENANT}/v2.0`,
      `/adfs/${TENANT}/oauth2/v2.0/token`,
      `/adfs/${TENANT}/discovery/v2.0/keys`,
    ],
  ])("%s", async (path, issuer, token, keys) => {
    const { status, body } = await request(`${path}/.well-known/openid-configuration`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ issuer, token_endpoint: `${ORIGIN}${token}`, jwks_uri: `${ORIGIN}${keys}` });
    const served = await request(keys);
    expect(served.body).toEqual({ keys: [expect.objectContaining({ kty: "RSA", use: "sig", alg: "RS256" })] });
    expect(JSON.stringify(served.body)).not.toMatch(/"[dpq]"/);
    expect((await request(token, { ...grant, scope })).status).toBe(200);
  });

  it("[EG-ISSUER-INSTANCE] is found under a token's issuer, and names that issuer", async () => {
    for (const path of ["oauth2/v2.0", "oauth2"]) {
      const { body } = await request(`/${TENANT}/${path}/token`, { ...grant, scope });
      const { iss = "" } = decodeJwt(body.access_token);
      expect(iss).toContain(`${AUTHORITY}/${TENANT}/`);
      const found = await request(`${iss.slice(ORIGIN.length).replace(/\/$/, "")}/.well-known/openid-configuration`);
      expect(found).toMatchObject({ status: 200, body: { issuer: iss } });
    }
    const another = await app.request(`${ORIGIN}/${TENANT}/${TENANT}/v2.0/.well-known/openid-configuration`);
    expect(another.status).toBe(404);
  });

  it("lists no aliases of this authority", async () => {
    const asked = encodeURIComponent(`${ORIGIN}/${TENANT}/oauth2/v2.0/authorize`);
    const { body } = await request(`/common/discovery/instance?api-version=1.1&authorization_endpoint=${asked}`);
    expect(body).toEqual({
      tenant_discovery_endpoint: `${ORIGIN}/${TENANT}/v2.0/.well-known/openid-configuration`,
      "api-version": "1.1",
      metadata: [
        { preferred_network: "localhost:6500", preferred_cache: "localhost:6500", aliases: ["localhost:6500"] },
      ],
    });
  });
});

describe("[EG-CLOUD-METADATA] cloud metadata", () => {
  const login = (body: unknown): unknown =>
    (body as { authentication: { loginEndpoint: string } }).authentication.loginEndpoint;

  it.each([["2015-01-01"], ["1.0"], [""]])(
    "is flat, with an on-premises authority, in version '%s'",
    async (version) => {
      const { body } = await request(`/metadata/endpoints?api-version=${version}`);
      expect(body).toMatchObject({ graphEndpoint: ORIGIN, authentication: { audiences: [`${ORIGIN}/`] } });
      expect(login(body)).toBe(`${ORIGIN}/adfs`);
    },
  );

  it.each([["2019-05-01"], ["2020-06-01"]])("is a list of clouds in version %s", async (version) => {
    const body = (await request(`/metadata/endpoints?api-version=${version}`)).body as unknown as unknown[];
    expect(body).toEqual([expect.objectContaining({ resourceManager: ORIGIN, suffixes: expect.any(Object) })]);
    expect(login(body[0])).toBe(ORIGIN);
  });

  it("is one cloud in version 2022-09-01", async () => {
    const { body } = await request("/metadata/endpoints?api-version=2022-09-01");
    expect(body).toMatchObject({ resourceManager: ORIGIN, graphAudience: `${ORIGIN}/`, name: "Ringmain" });
    expect(body["microsoftGraphResourceId"]).toBeDefined();
  });
});

describe("[EG-ISSUER-TOKEN] tokens", () => {
  it("of version 2 have Entra's claims, and verify with the published keys", async () => {
    const { body, headers } = await request(`/${TENANT}/oauth2/v2.0/token`, { ...grant, scope });
    expect(headers.get("cache-control")).toBe("no-store");
    expect(body).toMatchObject({ token_type: "Bearer", expires_in: 86_399, ext_expires_in: 86_399 });
    const keys = (await request("/common/discovery/keys")).body as unknown as JSONWebKeySet;
    const { payload } = await jwtVerify(body.access_token, createLocalJWKSet(keys), {
      issuer: `${AUTHORITY}/${TENANT}/v2.0`,
      audience: "https://eventgrid.azure.net",
      currentDate: new Date(NOW),
    });
    expect(payload).toMatchObject({
      appid: "any",
      azp: "any",
      tid: TENANT,
      ver: "2.0",
      roles: ["EventGrid Data Sender"],
    });
    expect(payload["oid"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(payload["oid"]).toBe(payload.sub);
  });

  it("of version 1 are returned with numbers as text, for a resource or a scope", async () => {
    const resource = "https://management.azure.com/";
    const { body } = await request("/common/oauth2/token", { ...grant, resource });
    expect(body).toMatchObject({ expires_in: "86399", expires_on: String(NOW / 1_000 + 86_399), resource });
    expect(decodeJwt(body.access_token)).toMatchObject({ aud: resource, iss: `${AUTHORITY}/${DEFAULT_TENANT_ID}/` });
    const adfs = await request("/adfs/oauth2/token", { ...grant, scope: "https://localhost:6500//.default openid" });
    expect(decodeJwt(adfs.body.access_token).aud).toBe("https://localhost:6500/");
    // az adds this number to the time.
    expect(adfs.body["expires_in"]).toBe(86_399);
  });

  it("are accepted for publishing, with the issuer's name on any host", async () => {
    const tokens = new EntraTokens({ issuers: [start("dev")], audiences: ["https://eventgrid.azure.net"] });
    const { body } = await request("/common/oauth2/v2.0/token", { ...grant, scope });
    expect(await tokens.verify(body.access_token, NOW)).toMatchObject({ roles: ["EventGrid Data Sender"] });
    const slash = await request("/common/oauth2/token", { ...grant, resource: "https://eventgrid.azure.net/" });
    await tokens.verify(slash.body.access_token, NOW);
    const management = await request("/common/oauth2/token", { ...grant, resource: "https://management.azure.com" });
    await expect(tokens.verify(management.body.access_token, NOW)).rejects.toThrow("audience");
  });
});

describe("[EG-ISSUER-INSTANCE] an instance", () => {
  const audience = "https://eventgrid.azure.net";
  const secret = { client_id: "known", client_secret: "the secret" };
  const tokenOf = async (form: Record<string, string> = secret): Promise<string> =>
    (await request("/common/oauth2/v2.0/token", { ...grant, scope, ...form })).body.access_token;
  const verify = (token: string, issuer: LocalIssuer) =>
    new EntraTokens({ issuers: [issuer], audiences: [audience] }).verify(token, NOW);

  it("accepts its own tokens, also after a restart", async () => {
    const token = await tokenOf();
    expect(await verify(token, start("dev"))).toMatchObject({ ids: ["principal"], roles: ["Reader"] });
  });

  it("refuses the tokens of another instance, even one with the same key", async () => {
    start("dev", { instance: TENANT });
    await expect(verify(await tokenOf(), start("production"))).rejects.toThrow("issuer");
  });

  it("refuses tokens with its own name that another key has signed", async () => {
    start("dev", { privateKey: newRsaKey });
    await expect(verify(await tokenOf(), start("production"))).rejects.toThrow("signature");
  });

  it.each<[string, Record<string, string>]>([
    ["the client id of an application", { client_id: "known" }],
    ["the object id of an application", { client_id: TENANT }],
  ])("gives an application without proof no identity, although it uses %s", async (_what, form) => {
    const owner = { ...known, objectId: TENANT, roles: ["EventGrid Data Contributor"] };
    start("dev", { clients: [] });
    const token = await tokenOf({ ...form, client_secret: "any" });
    expect(await verify(token, start("dev", { clients: [owner] }))).toMatchObject({
      ids: [],
      roles: ["EventGrid Data Sender"],
    });
    expect(await verify(token, start("production", { clients: [owner] }))).toMatchObject({ ids: [], roles: [] });
  });

  it("ignores the identity and roles of an application that was removed or changed", async () => {
    const token = await tokenOf();
    expect(await verify(token, start("production", { clients: [] }))).toMatchObject({ ids: [], roles: [] });
    const changed = { ...known, objectId: "another", roles: [] };
    expect(await verify(token, start("production", { clients: [changed] }))).toMatchObject({
      ids: ["another"],
      roles: [],
    });
  });

  it("gives no identity or roles to the tokens that it sends with deliveries", async () => {
    const issuer = start("production");
    const subject: TokenSubject = { clientId: "known", objectId: "principal", roles: ["Owner"], proof: "certificate" };
    const { token } = await issuer.issue(subject, audience, { origin: ORIGIN, tenant: "common", version: "2.0" });
    expect(await verify(token, issuer)).toMatchObject({ ids: [], roles: [] });
  });
});

describe("[EG-ISSUER-CLIENTS] applications", () => {
  const token = (form: Record<string, string>) => request("/common/oauth2/v2.0/token", { ...grant, scope, ...form });

  it("that are configured need their secret, in either mode, and have their roles", async () => {
    for (const mode of ["dev", "production"] as const) {
      start(mode);
      const { body } = await token({ client_id: "KNOWN", client_secret: "the secret" });
      expect(decodeJwt(body.access_token)).toMatchObject({ oid: "principal", roles: ["Reader"] });
      expect(await token({ client_id: "known", client_secret: "the secre" })).toMatchObject({
        status: 401,
        body: { error: "invalid_client", error_codes: [7000215] },
      });
    }
  });

  it("that are not configured get tokens in development only", async () => {
    const assertion = { client_id: TENANT, client_assertion: "signed by somebody" };
    const form: Record<string, string> = { grant_type: "client_credentials", scope, ...assertion };
    const { body } = await request("/common/oauth2/v2.0/token", form);
    expect(decodeJwt(body.access_token)["oid"]).toBe(TENANT);
    start("production");
    for (const asked of [{}, assertion]) {
      expect(await token(asked)).toMatchObject({ status: 400, body: { error: "unauthorized_client" } });
    }
  });

  it("are refused with an assertion if a secret is configured", async () => {
    const form = { grant_type: "client_credentials", client_id: "known", client_assertion: "the secret", scope };
    expect(await request("/common/oauth2/v2.0/token", form)).toMatchObject({ status: 401 });
  });
});

describe("[EG-ISSUER-ERROR] refusals", () => {
  it.each<[string, Record<string, string>, number, string, number]>([
    ["nothing", {}, 400, "invalid_request", 900_144],
    ["another grant", { ...grant, grant_type: "password", scope }, 400, "unsupported_grant_type", 70_003],
    ["no client", { grant_type: "client_credentials", scope }, 400, "invalid_request", 900_144],
    ["no proof", { grant_type: "client_credentials", client_id: "any", scope }, 401, "invalid_client", 7_000_216],
    ["no scope", { ...grant }, 400, "invalid_request", 900_144],
    ["a scope that is none", { ...grant, scope: "openid /.default" }, 400, "invalid_scope", 1_002_012],
  ])("%s", async (_what, form, status, error, number) => {
    const answer = await request("/common/oauth2/v2.0/token", form, { "client-request-id": DEFAULT_TENANT_ID });
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({
      error,
      error_codes: [number],
      error_description: expect.stringMatching(new RegExp(`^AADSTS${number}: `)),
      timestamp: "2029-01-01 12:30:00Z",
      correlation_id: DEFAULT_TENANT_ID,
    });
  });

  it("of a form that is too large", async () => {
    const form = new URLSearchParams({ ...grant, client_assertion: "x".repeat(65_536) });
    const init = { method: "POST", body: form, headers: { host: "localhost" } };
    expect((await app.request(`${ORIGIN}/common/oauth2/token`, init)).status).toBe(413);
  });
});

describe("[EG-ISSUER-MANAGED] managed identities", () => {
  const resource = "https://eventgrid.azure.net";
  it.each<[string, string, Record<string, string>, Record<string, string> | undefined]>([
    ["a virtual machine", "/metadata/identity/oauth2/token", { metadata: "true" }, undefined],
    ["MSAL's virtual machine", "/metadata/identity/oauth2/token/", { metadata: "true" }, undefined],
    ["App Service 2019-08-01", "/msi/token", { "x-identity-header": "x" }, undefined],
    ["App Service 2017-09-01", "/msi/token", { secret: "x" }, undefined],
    ["an old az", "/msi/token", { metadata: "true" }, { resource }],
  ])("of %s", async (_where, path, headers, form) => {
    const { status, body } = await request(form === undefined ? `${path}?resource=${resource}` : path, form, headers);
    expect(status).toBe(200);
    expect(body).toMatchObject({ expires_in: "86399", resource, token_type: "Bearer", client_id: expect.any(String) });
    expect(decodeJwt(body.access_token)).toMatchObject({ aud: resource, tid: DEFAULT_TENANT_ID });
  });

  it("differ by the id that names them", async () => {
    const { body } = await request(`/msi/token?resource=x&client_id=${TENANT}`, undefined, { secret: "x" });
    expect(decodeJwt(body.access_token)).toMatchObject({ appid: TENANT, oid: TENANT });
  });

  it("require a header that no page can send, and a resource", async () => {
    expect(await request(`/msi/token?resource=${resource}`)).toMatchObject({ status: 400 });
    expect(await request(`/metadata/identity/oauth2/token?resource=x`, undefined, { metadata: "false" })).toMatchObject(
      {
        status: 400,
      },
    );
    expect(await request("/msi/token", undefined, { secret: "x" })).toMatchObject({ status: 400 });
  });

  it("do not exist in production", async () => {
    start("production");
    expect((await app.request(`${ORIGIN}/msi/token?resource=x`, { headers: { secret: "x" } })).status).toBe(404);
  });
});

describe("a request from a page of another origin", () => {
  it.each([
    ["through a name of its own", { host: "evil.example:6500" }],
    ["by its origin", { origin: "https://evil.example" }],
    ["by the browser's word", { "sec-fetch-site": "cross-site" }],
    ["without origin", { origin: "null" }],
  ])("gets no token: %s", async (_how, headers: Record<string, string>) => {
    expect((await request("/common/oauth2/v2.0/token", { ...grant, scope }, headers)).status).toBe(403);
    expect((await request("/msi/token?resource=x", undefined, { secret: "x", ...headers })).status).toBe(403);
    expect((await request("/common/discovery/keys", undefined, headers)).status).toBe(403);
  });

  it.each(["0.0.0.0", "[::]", "[::ffff:7f00:1]", "192.168.1.5", "8.8.8.8", "127.0.0.1.evil.example", "evillocalhost"])(
    "is refused without Origin, too, if it names %s",
    async (name) => {
      const host = `${name}:6500`;
      expect((await request("/common/discovery/keys", undefined, { host })).status).toBe(403);
      expect((await request("/common/oauth2/v2.0/token", { ...grant, scope }, { host })).status).toBe(403);
      expect((await request("/msi/token?resource=x", undefined, { secret: "x", host })).status).toBe(403);
    },
  );

  it.each(["127.0.0.1", "127.8.9.1", "[::1]", "localhost", "orders.local-1.eventgrid.localhost", "ringmain"])(
    "is distinguished from a program that uses %s",
    async (name) => {
      const host = `${name}:6500`;
      expect((await request("/common/oauth2/v2.0/token", { ...grant, scope }, { host })).status).toBe(200);
    },
  );

  it("is refused with a remedy for the host name", async () => {
    const { body } = await request("/common/discovery/keys", undefined, { host: "evil.example" });
    expect(body["error"]).toMatchObject({
      code: "Forbidden",
      message: expect.stringMatching(/'evil\.example'.*'tls\.names' \(RINGMAIN_TLS_NAMES\)/) as string,
    });
  });

  it("is distinguished from a machine that uses a configured name", async () => {
    const answer = await request("/common/oauth2/v2.0/token", { ...grant, scope }, { host: "Ringmain:6500" });
    expect(answer.status).toBe(200);
  });
});

describe("[EG-ACCESS-LOCAL] another machine", () => {
  const elsewhere = "172.17.0.1";
  const token = (form: Record<string, string> = {}, headers: Record<string, string> = {}, address = elsewhere) =>
    request("/common/oauth2/v2.0/token", { ...grant, scope, ...form }, headers, address);
  const refused = (remedy: string) => ({
    status: 403,
    body: { error: { code: "Forbidden", message: expect.stringContaining(remedy) as string } },
  });

  it("gets no token without a secret in development, whatever it claims to be", async () => {
    for (const headers of [{}, { host: "127.0.0.1:6500" }, { "x-forwarded-for": "127.0.0.1" }]) {
      expect(await token({}, headers)).toMatchObject(refused("Declare the application in 'clients'"));
      const managed = await request("/msi/token?resource=x", undefined, { secret: "x", ...headers }, elsewhere);
      expect(managed).toMatchObject(refused("'clients'"));
    }
  });

  it("gets no token through a proxy on this machine", async () => {
    for (const name of ["x-forwarded-for", "x-real-ip", "forwarded", "via"]) {
      expect(await token({}, { [name]: "for=172.17.0.1" }, "127.0.0.1")).toMatchObject(refused(`'${name}'`));
    }
  });

  it("gets a token for an application whose secret it knows, and can read the keys", async () => {
    const { status, body } = await token({ client_id: "known", client_secret: "the secret" });
    expect(status).toBe(200);
    expect(decodeJwt(body.access_token)).toMatchObject({ oid: "principal", appidacr: "1" });
    expect((await token({ client_id: "known", client_secret: "another" })).status).toBe(401);
    expect((await request("/common/discovery/keys", undefined, {}, elsewhere)).status).toBe(200);
    const byAddress = { host: "172.17.0.2:6500" };
    expect((await request("/common/discovery/keys", undefined, byAddress, elsewhere)).status).toBe(200);
  });

  it("gets the same responses as any machine in production", async () => {
    start("production");
    expect((await token()).status).toBe(400);
    expect((await token({ client_id: "known", client_secret: "the secret" })).status).toBe(200);
  });
});
