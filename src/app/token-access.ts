import type { TokenAccess } from "../auth/authenticate-publisher.ts";
import { EntraTokens, type TrustedIssuer } from "../auth/entra-token.ts";
import { fetchJson } from "../auth/entra/fetch-json.ts";
import { IssuerKeys } from "../auth/entra/issuer-keys.ts";
import { LocalIssuer } from "../auth/local-issuer/local-issuer.ts";
import type { RoleAssignments } from "../auth/role-assignments.ts";
import { newRsaKey } from "../auth/rsa-key.ts";
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import { identityFolder } from "./certificates.ts";
import type { Config } from "./config/schema.ts";

/** Role that lets every application publish that nobody knows: in development, so that there is nothing to set up. */
const DEVELOPMENT_ROLES = ["EventGrid Data Sender"];

/** Issues tokens: in development to everybody, in production to the applications that are configured, if any. */
export function createLocalIssuer(
  config: Pick<Config, "clients" | "mode" | "tls" | "host">,
  folder: string,
  clock: Clock,
  random: Random,
): LocalIssuer | undefined {
  const { clients, mode } = config;
  if (mode === "production" && clients.length === 0) return undefined;
  return new LocalIssuer({
    folder: identityFolder(config, folder),
    clients: clients.map(({ objectId, roles = [], ...client }) => ({
      ...client,
      roles,
      ...(objectId === undefined ? {} : { objectId }),
    })),
    strangersRoles: mode === "dev" ? DEVELOPMENT_ROLES : undefined,
    now: () => clock.now(),
    newId: () => random.uuid(),
    newKey: newRsaKey,
  });
}

/** Who may publish with a token: principals of the configured issuers and of our own, by their roles. */
export function createTokenAccess(
  { identity }: Pick<Config, "identity">,
  clock: Clock,
  roles: RoleAssignments,
  local: TrustedIssuer | undefined,
): TokenAccess {
  const remote: TrustedIssuer[] = identity.issuers.map((issuer) => {
    const keys = new IssuerKeys({ issuer, fetchJson, now: () => clock.now() });
    return { isIssuer: (named) => named === issuer, key: keys.key };
  });
  return {
    tokens: new EntraTokens({
      issuers: local === undefined ? remote : [...remote, local],
      audiences: identity.audiences,
    }),
    roles,
  };
}

/** Makes the roles that a configuration assigns those that hold. */
export function assignRoles(roles: RoleAssignments, { roleAssignments }: Pick<Config, "roleAssignments">): void {
  roles.replace(
    "config",
    roleAssignments.map(({ principalId, role, scope = "/" }) => ({ principalId, role, scope })),
  );
}
