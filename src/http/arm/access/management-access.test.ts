import { describe, expect, it } from "vitest";
import { desiredSubscription } from "../../../../test/support/servers/engine-harness.ts";
import { EG, GROUP, startArmApp, type ArmApp } from "../../../../test/support/servers/arm-app.ts";
import { EntraTokens, type TokenHolder } from "../../../auth/entra-token.ts";
import { RoleAssignments } from "../../../auth/role-assignments.ts";
import type { SystemEvent } from "../../../core/event.ts";

const OID = "00000000-0000-0000-0000-00000000000a";
const HOLDER: TokenHolder = { ids: [OID], roles: ["Owner"], claims: { appid: "app", oid: OID } };

/** An app in production, where every token but one is of the same holder, who is an Event Grid Contributor. */
async function production(): Promise<ArmApp> {
  const roles = new RoleAssignments();
  roles.replace("test", [{ principalId: OID, role: "EventGrid Contributor", scope: GROUP }]);
  const tokens = new EntraTokens({ issuers: [], audiences: [] });
  const strict = new EntraTokens({ issuers: [], audiences: [] });
  tokens.verify = (token, now) => (token === "bad" ? strict.verify(token, now) : Promise.resolve(HOLDER));
  const clock = { now: () => 0, sleepUntil: () => Promise.reject(new Error("not here")) };
  return startArmApp({ admin: { kind: "key", key: "k3y" }, managementTokens: { tokens, roles, clock } });
}

describe("management by token", () => {
  it("[ARM-AUTH-TOKEN] stands beside the admin key, which may do everything", async () => {
    const { call } = await production();
    const as = (token: string) => ({ authorization: `Bearer ${token}` });
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
