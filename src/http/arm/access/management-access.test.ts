import { describe, expect, it } from "vitest";
import { desiredSubscription } from "../../../../test/support/fixtures/desired-resources.ts";
import { EG, GROUP, startArmApp, type ArmApp } from "../../../../test/support/servers/arm-app.ts";
import { EntraTokens, type TokenHolder } from "../../../auth/entra-token.ts";
import { RoleAssignments } from "../../../auth/role-assignments.ts";
import type { AdminAccess } from "../../access/admin-only.ts";
import type { SystemEvent } from "../../../core/event.ts";

const OID = "00000000-0000-0000-0000-00000000000a";
const HOLDER: TokenHolder = { ids: [OID], roles: ["Owner"], claims: { appid: "app", oid: OID } };

/** An app where every token but one is of the same holder, who is an Event Grid Contributor. */
async function withTokens(admin: AdminAccess): Promise<ArmApp> {
  const roles = new RoleAssignments();
  roles.replace("test", [{ principalId: OID, role: "EventGrid Contributor", scope: GROUP }]);
  const tokens = new EntraTokens({ issuers: [], audiences: [] });
  const strict = new EntraTokens({ issuers: [], audiences: [] });
  tokens.verify = (token, now) => (token === "bad" ? strict.verify(token, now) : Promise.resolve(HOLDER));
  const clock = { now: () => 0, sleepUntil: () => Promise.reject(new Error("not here")) };
  return startArmApp({ admin, managementTokens: { tokens, roles, clock } });
}

const production = (): Promise<ArmApp> => withTokens({ kind: "key", key: "k3y" });
const as = (token: string) => ({ authorization: `Bearer ${token}` });

describe("management by token", () => {
  it("[ARM-AUTH-TOKEN] stands beside the admin key, which may do everything", async () => {
    const { call } = await production();
    expect((await call("PUT", `${GROUP}-new`, { location: "local" }, as("k3y"))).status).toBe(201);
    expect((await call("PUT", `${GROUP}-new`, { location: "local" }, as("good"))).status).toBe(403);
    expect((await call("GET", EG, undefined, as("bad"))).status).toBe(401);
  });

  it("[ARM-AUTH-ROLE] is told in events by claim and role, and refused ones too", async () => {
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
  const makeGroup = async ({ call }: ArmApp, headers = {}, address?: string) =>
    call("PUT", `${GROUP}-new`, { location: "local" }, headers, address);

  it("is for programs of this machine with any token", async () => {
    const app = await startArmApp();
    for (const address of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
      expect((await makeGroup(app, as("any"), address)).status).toBeLessThan(300);
    }
  });

  it.each<[string, Record<string, string>, string, RegExp]>([
    ["from another machine", {}, elsewhere, /comes from 172\.17\.0\.1/],
    ["from another machine that names this one 127.0.0.1", { host: "127.0.0.1" }, elsewhere, /comes from/],
    ["that claims to be forwarded from here", { "x-forwarded-for": "127.0.0.1" }, elsewhere, /comes from/],
    ["by a proxy", { "x-forwarded-for": elsewhere }, "127.0.0.1", /header 'x-forwarded-for'/],
    ["by a name that is not known", { host: "evil.example" }, "127.0.0.1", /'evil\.example'.*'tls\.names'/],
    ["by a page of another origin", { origin: "http://evil.example" }, "127.0.0.1", /page of another origin/],
  ])("refuses a request %s, and says what to set", async (_how, headers, address, reason) => {
    const { status, body } = await makeGroup(await startArmApp(), headers, address);
    expect(status).toBe(403);
    expect(body.error.message).toMatch(reason);
    expect(body.error.message).toContain("Set 'adminKey' (RINGMAIN_ADMIN_KEY)");
  });

  it("is for who has the key where one is configured, from anywhere and whatever its characters", async () => {
    const key = "correct horse, battery: staple!";
    const app = await startArmApp({ admin: { kind: "key", key } });
    expect((await makeGroup(app, as(key), elsewhere)).status).toBe(201);
    expect((await makeGroup(app, as("any"))).status).toBe(401);
  });

  it("is by roles for the holder of a token from another machine", async () => {
    const app = await withTokens({ kind: "local" });
    const topic = `${EG}/topics/made`;
    expect((await app.call("PUT", topic, { location: "local" }, as("good"), elsewhere)).status).toBe(201);
    expect((await makeGroup(app, as("good"), elsewhere)).status).toBe(403);
    expect((await makeGroup(app, as("bad"), elsewhere)).status).toBe(401);
    expect((await makeGroup(app, as("bad"))).status).toBe(201);
  });
});

describe("[ARM-AUTH-ROLE] the operation that a write began", () => {
  it("may be asked about by who may read what was written, and by no other", async () => {
    const { call, harness } = await withTokens({ kind: "nobody" });
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
