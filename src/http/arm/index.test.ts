import { describe, expect, it } from "vitest";
import { EG, GROUP, startArmApp } from "../../../test/support/servers/arm-app.ts";
import { BodyBudget } from "../read-body.ts";
import { RingmainError } from "../../core/errors.ts";
import { SILENT_LOGGER } from "../../ports/logger.ts";

const error = (code: string, message: unknown = expect.any(String)) => ({ error: { code, message, details: [] } });

describe("every call of Resource Manager", () => {
  it("[ARM-AUTH] requires a bearer token, and names the address that issues one", async () => {
    const { call } = await startArmApp();
    const none = await call("GET", "/subscriptions", undefined, { authorization: "" });
    expect(none.status).toBe(401);
    expect(none.body).toEqual(error("AuthenticationFailed", expect.stringContaining("'Authorization' header")));
    expect(none.headers.get("www-authenticate")).toMatch(
      /^Bearer authorization_uri="http:\/\/127\.0\.0\.1:6500\/adfs", error="invalid_token"/,
    );
    const basic = await call("GET", "/subscriptions", undefined, { authorization: "Basic YTpi" });
    expect(basic.body).toEqual(error("InvalidAuthenticationToken"));
    expect((await call("GET", "/subscriptions")).status).toBe(200);
  });

  it("[ARM-AUTH] is refused for pages of other origins and for unknown host names", async () => {
    const { call } = await startArmApp();
    const foreign = await call("GET", "/subscriptions", undefined, { origin: "http://evil.example" });
    expect(foreign).toMatchObject({ status: 403, body: error("AuthorizationFailed") });
    const rebound = await call("GET", "/subscriptions", undefined, { host: "evil.example:6500" });
    expect(rebound.status).toBe(403);
    expect((await call("OPTIONS", "/subscriptions", undefined, { authorization: "" })).status).toBe(401);
  });

  it("[ARM-AUTH] requires the admin key if one is set, and is refused in production without a key", async () => {
    const { call } = await startArmApp({ admin: { kind: "key", key: "k3y" } });
    expect(await call("GET", "/subscriptions")).toMatchObject({
      status: 401,
      body: error("InvalidAuthenticationToken"),
    });
    expect((await call("GET", "/subscriptions", undefined, { authorization: "Bearer k3y" })).status).toBe(200);
    const closed = await startArmApp({ admin: { kind: "nobody" } });
    expect(await closed.call("GET", "/subscriptions")).toMatchObject({ status: 403 });
  });

  it("[ARM-VERSION] requires an API version of Event Grid", async () => {
    const { call } = await startArmApp();
    const get = (query: string) => call("GET", `${EG}/topics/orders?${query}`);
    expect(await get("")).toMatchObject({ status: 400, body: error("MissingApiVersionParameter") });
    expect(await get("api-version=soon")).toMatchObject({ status: 400, body: error("InvalidApiVersionParameter") });
    const unknown = await get("api-version=2016-01-01");
    expect(unknown.status).toBe(400);
    expect(unknown.body).toEqual(
      error(
        "NoRegisteredProviderFound",
        expect.stringContaining("API version '2016-01-01' for type 'topics'. The supported api-versions are '2025-"),
      ),
    );
    for (const version of ["2025-02-15", "2021-10-15-preview", "2020-06-01", "2025-07-15-PREVIEW"]) {
      expect((await get(`api-version=${version}`)).status, version).toBe(200);
    }
    expect((await call("GET", "/subscriptions?api-version=2016-06-01")).status).toBe(200);
  });

  it("[ARM-CASE] accepts paths in any case and with doubled slashes, and returns ids in their original case", async () => {
    const { call } = await startArmApp();
    for (const path of [
      EG.toUpperCase() + "/TOPICS/ORDERS",
      `/${EG}//topics/orders/`,
      `${EG.replace("resourceGroups", "resourcegroups")}/topics/orders`,
    ]) {
      expect(await call("GET", path), path).toMatchObject({ status: 200, body: { id: `${EG}/topics/orders` } });
    }
    const upper = EG.replace("/ringmain/", "/RINGMAIN/").replace("Microsoft.EventGrid", "microsoft.eventgrid");
    await call("PUT", `${upper}/Topics/Mixed`, { location: "local" });
    expect((await call("GET", `${EG}/topics/mixed`)).body).toMatchObject({
      name: "Mixed",
      id: expect.stringMatching(/\/resourceGroups\/RINGMAIN\/providers\/Microsoft\.EventGrid\/topics\/Mixed$/),
    });
  });

  it("[ARM-HEADERS] returns an id for the request, and the client's own id", async () => {
    const { call } = await startArmApp();
    const id = "11111111-2222-3333-4444-555555555555";
    const { headers } = await call("GET", "/subscriptions", undefined, {
      "x-ms-correlation-request-id": id,
      "x-ms-client-request-id": id,
      "x-ms-return-client-request-id": "true",
    });
    expect(headers.get("x-ms-request-id")).toMatch(/^[\da-f-]{36}$/);
    expect(headers.get("x-ms-correlation-request-id")).toBe(id);
    expect(headers.get("x-ms-client-request-id")).toBe(id);
    const spoofed = await call("GET", "/subscriptions", undefined, { "x-ms-correlation-request-id": "no guid" });
    expect(spoofed.headers.get("x-ms-correlation-request-id")).toMatch(/^[\da-f-]{36}$/);
  });

  it("[ARM-ERROR] names the missing resource, parent, group, type, provider or subscription", async () => {
    const { call } = await startArmApp();
    const codes: [path: string, status: number, code: string][] = [
      [`${EG}/topics/nothing`, 404, "ResourceNotFound"],
      [`${EG}/domains/nothing/topics/n`, 404, "ParentResourceNotFound"],
      [`${EG}/topics/nothing/eventSubscriptions`, 404, "ParentResourceNotFound"],
      [EG.replace("ringmain", "elsewhere") + "/topics/orders", 404, "ResourceGroupNotFound"],
      [EG.replace("ringmain", "elsewhere") + "/topics", 404, "ResourceGroupNotFound"],
      [`${EG}/comets/c`, 404, "InvalidResourceType"],
      [`${EG}/__proto__`, 404, "InvalidResourceType"],
      [`${EG}/constructor`, 404, "InvalidResourceType"],
      [`${EG}/topics/orders/moons/m`, 404, "InvalidResourceType"],
      [`${GROUP}/providers/Nobody.Here/things/t`, 404, "InvalidResourceNamespace"],
      ["/providers/Microsoft.EventGrid/topics", 404, "MissingSubscription"],
      ["/subscriptions/mine/resourceGroups", 400, "InvalidSubscriptionId"],
      [`${EG}/topics/a%2Fb`, 400, "InvalidResourceName"],
      [`${EG}/topics/a%`, 400, "InvalidResourceName"],
      [`${GROUP}/locks`, 404, "ResourceNotFound"],
    ];
    for (const [path, status, code] of codes) {
      expect(await call("GET", path), path).toMatchObject({ status, body: error(code) });
    }
    expect(await call("POST", `${EG}/topics/orders`)).toMatchObject({ status: 405, body: error("MethodNotAllowed") });
    expect(await call("GET", `${EG}/topics/orders/listKeys`)).toMatchObject({ status: 405 });
    expect(await call("PUT", "/subscriptions", {})).toMatchObject({ status: 405 });
    expect(await call("PATCH", `${EG}/domains/d/topics/t`, {})).toMatchObject({ status: 405 });
  });

  it("[ARM-ERROR] hides the details of internal failures", async () => {
    const { call, harness } = await startArmApp();
    harness.engine.controlPlane.change = () => Promise.reject(new Error("secret"));
    expect(await call("PUT", `${EG}/topics/fails`, { location: "local" })).toMatchObject({
      status: 500,
      body: error("InternalServerError", "The request could not be completed."),
    });
    harness.engine.controlPlane.change = () => Promise.reject(new RingmainError("store_unavailable", "Later."));
    const later = await call("PUT", `${EG}/topics/fails`, { location: "local" });
    expect(later).toMatchObject({ status: 503, body: error("StoreUnavailable", "Later.") });
    expect(later.headers.get("retry-after")).toBe("1");
  });

  it("[ARM-BODY] accepts JSON objects of 4 MiB at most, and ignores unknown members", async () => {
    const { call } = await startArmApp();
    const put = (body: unknown, headers = {}) => call("PUT", `${EG}/topics/bodies`, body, headers);
    expect(await put("{")).toMatchObject({ status: 400, body: error("InvalidRequestContent") });
    expect(await put([])).toMatchObject({ status: 400, body: error("InvalidRequestContent") });
    expect(await put("{}", { "content-type": "text/plain" })).toMatchObject({
      status: 415,
      body: error("UnsupportedMediaType"),
    });
    expect(await put(`"${"x".repeat(4 * 1_024 * 1_024)}"`)).toMatchObject({
      status: 413,
      body: error("RequestContentTooLarge"),
    });
    expect(await put({ location: "local", properties: { disableLocalAuth: "maybe" } })).toMatchObject({
      status: 400,
      body: error("InvalidRequestContent", expect.stringContaining("'properties.disableLocalAuth' must be true or")),
    });
    expect(await put({ properties: {} })).toMatchObject({ status: 400, body: error("LocationRequired") });
    const known = await put({ location: "local", sku: { name: "Basic" }, systemData: {}, properties: { future: [1] } });
    expect(known.status).toBe(201);
    expect(JSON.stringify(known.body)).not.toContain("future");
  });

  it.each<[description: string, text: string, problem: string]>([
    ["nested two million deep", `{"a":${"[".repeat(2_000_000)}`, "nested deeper than 128 levels"],
    ["of four megabytes of brackets", "[".repeat(4_194_304), "nested deeper than 128 levels"],
    ["of a million members", `{${'"":{},'.repeat(599_000)}"a":1}`, "more than 50000 names and values"],
    ["of two million values", `{"a":[${"1,".repeat(2_000_000)}1]}`, "more than 50000 names and values"],
    ["with a long text", `{"tags":{"a":"${"x".repeat(8_193)}"}}`, "'tags.a' may have at most 8192 characters"],
    [
      "with a long list",
      `{"properties":{"inboundIpRules":[${"{},".repeat(1_000)}{}]}}`,
      "at most 1000 elements; it has 1001",
    ],
  ])("[ARM-BODY-LIMITS] refuses a body %s with 400, and names the limit", async (_description, text, problem) => {
    const { call } = await startArmApp();
    for (const [method, path] of [
      ["PUT", `${EG}/topics/bodies`],
      ["PATCH", `${EG}/topics/orders`],
    ] as const) {
      const refused = await call(method, path, text);
      expect(refused).toMatchObject({
        status: 400,
        body: error("InvalidRequestContent", expect.stringContaining(problem)),
      });
    }
  });

  it("[ARM-BODY-LIMITS] limits the identities that several changes add up to", async () => {
    const { call } = await startArmApp();
    const patch = (from: number) => {
      const ids = Array.from({ length: 1_000 }, (_, index) => [`${GROUP}/identities/i${from + index}`, {}]);
      const identity = { type: "UserAssigned", userAssignedIdentities: Object.fromEntries(ids) };
      return call("PATCH", `${EG}/topics/orders`, { identity });
    };
    expect((await patch(0)).status).toBe(200);
    expect(await patch(1)).toMatchObject({
      status: 400,
      body: error("InvalidRequestContent", expect.stringContaining("at most 1000 identities; it would have 1001")),
    });
  });

  it("logs failures as errors, and does not log refusals by design", async () => {
    const errors: string[] = [];
    const logger = { ...SILENT_LOGGER, error: (event: string) => void errors.push(event) };
    const { call, harness } = await startArmApp({ logger });
    const roles = "providers/Microsoft.Authorization/roleDefinitions/0";
    expect((await call("PUT", `${GROUP}/${roles}?api-version=2022-04-01`, {})).status).toBe(501);
    expect(errors).toEqual([]);
    harness.engine.controlPlane.change = () => Promise.reject(new RingmainError("store_unavailable", "Later."));
    expect((await call("PUT", `${EG}/topics/fails`, { location: "local" })).status).toBe(503);
    expect(errors).toEqual(["request_failed"]);
  });

  it("[ARM-BODY] returns the bytes of its body to the budget", async () => {
    const { call } = await startArmApp({ bodies: new BodyBudget(100_000) });
    const put = (bytes: number) => call("PUT", `${EG}/topics/bodies`, { location: "local", filler: "x".repeat(bytes) });
    for (let round = 0; round < 3; round += 1) expect((await put(60_000)).status).toBe(201);
    const refused = await put(100_000);
    expect(refused).toMatchObject({ status: 429, body: error("TooManyRequests") });
    expect(refused.headers.get("retry-after")).toBe("1");
    expect((await put(60_000)).status).toBe(201);
  });
});
