import { describe, expect, it } from "vitest";
import type { JsonObject } from "../core/json.ts";
import { fetchFromAuthority, KeptDeliveryTokens, type FetchedToken } from "./delivery-tokens.ts";

const HOUR_MS = 3_600_000;
const request = { tenantId: "tenant", audience: "api://receiver", source: "/topics/one" };

describe("[EG-ENTRA-WEBHOOK] tokens for webhooks", () => {
  function keep(fetch: (call: number) => Promise<FetchedToken>) {
    const clock = { now: 0, calls: 0 };
    const tokens = new KeptDeliveryTokens(
      () => fetch((clock.calls += 1)),
      () => clock.now,
    );
    return { clock, tokens };
  }

  it("are kept until five minutes before they expire", async () => {
    const { clock, tokens } = keep(async (call) => ({ token: `token-${call}`, expiresAt: call * HOUR_MS }));
    await Promise.all([tokens.get(request), tokens.get(request)]);
    clock.now = HOUR_MS - 300_001;
    expect(await tokens.get(request)).toEqual({ kind: "token", token: "token-1" });
    clock.now += 1;
    expect(await tokens.get(request)).toEqual({ kind: "token", token: "token-2" });
    expect(clock.calls).toBe(2);
  });

  it("are kept by tenant, application and identity; requests without identity share one", async () => {
    const { clock, tokens } = keep(async () => ({ token: "token", expiresAt: HOUR_MS }));
    const identity = { type: "SystemAssigned" } as const;
    await tokens.get(request);
    await tokens.get({ ...request, source: "/topics/two" });
    expect(clock.calls).toBe(1);
    await tokens.get({ ...request, tenantId: "another" });
    await tokens.get({ ...request, audience: "another" });
    await tokens.get({ ...request, identity });
    await tokens.get({ ...request, identity, source: "/topics/two" });
    expect(clock.calls).toBe(5);
  });

  it("are not requested again at once after a failure", async () => {
    const { clock, tokens } = keep(async (call) => {
      if (call === 1) throw new Error("the authority is away");
      return { token: "token", expiresAt: HOUR_MS };
    });
    const failed = { kind: "failed", cause: "the authority is away" };
    expect(await Promise.all([tokens.get(request), tokens.get(request)])).toEqual([failed, failed]);
    clock.now += 4_999;
    expect(await tokens.get(request)).toEqual(failed);
    clock.now += 1;
    expect(await tokens.get(request)).toMatchObject({ kind: "token" });
  });

  describe("from an authority", () => {
    const client = { authority: "https://login.example/", clientId: "router", clientSecret: "hush" };
    const sent: [string, URLSearchParams | undefined][] = [];
    const fetching = (status: number, body: JsonObject) =>
      fetchFromAuthority(
        client,
        async (url, form) => {
          sent.push([url, form]);
          return { status, body };
        },
        () => 1_000,
      );

    it("are requested with the client's secret, for the application", async () => {
      const got = await fetching(200, { access_token: "a.b.c", expires_in: 3_599 })(request);
      expect(got).toEqual({ token: "a.b.c", expiresAt: 3_600_000 });
      const [[url, form] = []] = sent;
      expect(url).toBe("https://login.example/tenant/oauth2/v2.0/token");
      expect(Object.fromEntries(form ?? [])).toEqual({
        grant_type: "client_credentials",
        client_id: "router",
        client_secret: "hush",
        scope: "api://receiver/.default",
      });
    });

    it.each<[number, JsonObject, string]>([
      [401, { error_description: "AADSTS7000215: Invalid.\r\nTrace ID: x" }, "answered 401 (AADSTS7000215: Invalid.)"],
      [401, { error_description: `${" ".repeat(262_000)}x` }, "answered 401 ()"],
      [401, { error_description: "x".repeat(300) }, `answered 401 (${"x".repeat(200)})`],
      [200, {}, "answered 200"],
      [200, { access_token: "a\r\nb", expires_in: 1 }, "answered 200"],
      [500, { access_token: "a" }, "answered 500"],
    ])("%d %j is reported as a failure", async (status, body, reason) => {
      const refused = fetching(status, body)(request);
      await expect(refused).rejects.toThrow(`https://login.example ${reason}`);
      await expect(refused).rejects.not.toThrow("hush");
    });
  });
});
