import type { TokenAccess } from "../auth/authenticate-publisher.ts";
import { EntraTokens, type TrustedIssuer } from "../auth/entra-token.ts";
import { fetchJson } from "../auth/entra/fetch-json.ts";
import { IssuerKeys } from "../auth/entra/issuer-keys.ts";
import type { RoleAssignments } from "../auth/role-assignments.ts";
import type { Clock } from "../ports/clock.ts";
import type { Config } from "./config/schema.ts";

/** Who may publish with a token: the configured issuers' principals, by their roles. */
export function createTokenAccess(
  { identity }: Pick<Config, "identity">,
  clock: Clock,
  roles: RoleAssignments,
): TokenAccess {
  const remote: TrustedIssuer[] = identity.issuers.map((issuer) => {
    const keys = new IssuerKeys({ issuer, fetchJson, now: () => clock.now() });
    return { isIssuer: (named) => named === issuer, key: keys.key };
  });
  return { tokens: new EntraTokens({ issuers: remote, audiences: identity.audiences }), roles };
}

/** Makes the roles that a configuration assigns those that hold. */
export function assignRoles(roles: RoleAssignments, { roleAssignments }: Pick<Config, "roleAssignments">): void {
  roles.replace(
    "config",
    roleAssignments.map(({ principalId, role, scope = "/" }) => ({ principalId, role, scope })),
  );
}
