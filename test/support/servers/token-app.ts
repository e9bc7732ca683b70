import { EntraTokens, type TokenHolder } from "../../../src/auth/entra-token.ts";
import { RoleAssignments, type RoleAssignment } from "../../../src/auth/role-assignments.ts";
import type { AdminAccess } from "../../../src/http/access/admin-only.ts";
import { GROUP, startArmApp, type ArmApp } from "./arm-app.ts";

/** Object id of the holder of all tokens. */
export const OID = "00000000-0000-0000-0000-00000000000a";
const HOLDER: TokenHolder = { ids: [OID], roles: ["Owner"], claims: { appid: "app", oid: OID } };

/**
 * Starts an app where all tokens except `bad` have the same holder, who has the given roles by scope: by default
 * EventGrid Contributor of the default group.
 */
export function startTokenApp(
  admin: AdminAccess = { kind: "nobody" },
  roles: Readonly<Record<string, string>> = { [GROUP]: "EventGrid Contributor" },
): Promise<ArmApp> {
  const assigned = new RoleAssignments();
  const assignments = Object.entries(roles).map(([scope, role]): RoleAssignment => ({ principalId: OID, role, scope }));
  assigned.replace("test", assignments);
  const tokens = new EntraTokens({ issuers: [], audiences: [] });
  const strict = new EntraTokens({ issuers: [], audiences: [] });
  tokens.verify = (token, now) => (token === "bad" ? strict.verify(token, now) : Promise.resolve(HOLDER));
  const clock = { now: () => 0, sleepUntil: () => Promise.reject(new Error("not here")) };
  return startArmApp({ admin, managementTokens: { tokens, roles: assigned, clock } });
}
