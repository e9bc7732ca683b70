import type { TokenAccess } from "../../auth/authenticate-publisher.ts";
import { EntraTokens, principalByObjectId, type TrustedIssuer } from "../../auth/entra-token.ts";
import { fetchJson } from "../../auth/entra/fetch-json.ts";
import { IssuerKeys } from "../../auth/entra/issuer-keys.ts";
import { LocalIssuer } from "../../auth/local-issuer/local-issuer.ts";
import type { RoleAssignment, RoleAssignments } from "../../auth/role-assignments.ts";
import { newRsaKey } from "../../auth/rsa-key.ts";
import type { ResourceDirectory } from "../../engine/directory/resource-directory.ts";
import type { ManagementTokens } from "../../http/arm/access/management-access.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";
import type { StoreSecrets } from "../../ports/store-secrets.ts";
import type { Config } from "../config/schema.ts";
import { managementAudiences } from "./own-audiences.ts";

/** Role that lets every application publish that is not configured: in development, so that there is nothing to set up. */
const DEVELOPMENT_ROLES = ["EventGrid Data Sender"];

/**
 * Creates the issuer of tokens: in development for any application, in production for those that are configured, if
 * any. Its name and key are the store's, one pair for each mode, so that production takes nothing that development
 * made. Errors: `store_unavailable`. Source: [EG-ISSUER-INSTANCE]
 */
export async function createLocalIssuer(
  { clients, mode }: Pick<Config, "clients" | "mode">,
  secrets: StoreSecrets,
  clock: Clock,
  random: Random,
): Promise<LocalIssuer | undefined> {
  if (mode === "production" && clients.length === 0) return undefined;
  return new LocalIssuer({
    instance: await secrets.obtain(`token-instance.${mode}`, async () => random.uuid()),
    privateKey: () => secrets.obtain(`token-key.${mode}`, newRsaKey),
    clients: clients.map(({ objectId, roles = [], ...client }) => ({
      ...client,
      roles,
      ...(objectId === undefined ? {} : { objectId }),
    })),
    strangersRoles: mode === "dev" ? DEVELOPMENT_ROLES : undefined,
    now: () => clock.now(),
    newId: () => random.uuid(),
  });
}

/** Returns who may publish with a token: principals of the configured issuers and of our own, by their roles. */
export function createTokenAccess(
  { identity }: Pick<Config, "identity">,
  clock: Clock,
  roles: RoleAssignments,
  local: TrustedIssuer | undefined,
): TokenAccess {
  const remote: TrustedIssuer[] = identity.issuers.map((issuer) => {
    const keys = new IssuerKeys({ issuer, fetchJson, now: () => clock.now() });
    return { isIssuer: (named) => named === issuer, key: keys.key, principal: principalByObjectId };
  });
  return {
    tokens: new EntraTokens({
      issuers: local === undefined ? remote : [...remote, local],
      audiences: identity.audiences,
    }),
    roles,
  };
}

/**
 * Returns who may manage with a token: principals of the configured issuers, and applications of our own, by the roles
 * that they are assigned. `undefined` where there are neither: then no token lets its holder do anything.
 * Source: [ARM-AUTH-TOKEN]
 */
export function createManagementTokens(
  { clients, identity, port, tls }: Pick<Config, "clients" | "identity" | "port" | "tls">,
  clock: Clock,
  roles: RoleAssignments,
  local: TrustedIssuer | undefined,
): ManagementTokens | undefined {
  if (identity.issuers.length === 0 && clients.length === 0) return undefined;
  const audiences = [...managementAudiences({ port, tls })];
  return { ...createTokenAccess({ identity: { ...identity, audiences } }, clock, roles, local), clock };
}

/** Makes the roles that Resource Manager has assigned those that hold, now and from now on. */
export function followRoles(roles: RoleAssignments, directory: ResourceDirectory): void {
  const type = "Microsoft.Authorization/roleAssignments";
  directory.onChange((before, after) => {
    if ((after ?? before)?.type !== type) return;
    const assigned = directory.ofKind(type).map(({ properties }): RoleAssignment => {
      const { principalId, roleDefinitionId: role, scope } = properties;
      return { principalId, role, scope };
    });
    roles.replace("arm", assigned);
  });
}

/** Makes the roles that a configuration assigns those that hold. */
export function assignRoles(roles: RoleAssignments, { roleAssignments }: Pick<Config, "roleAssignments">): void {
  roles.replace(
    "config",
    roleAssignments.map(({ principalId, role, scope = "/" }) => ({ principalId, role, scope })),
  );
}
