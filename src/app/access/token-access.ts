import type { TokenAccess } from "../../auth/authenticate-publisher.ts";
import { EntraTokens, principalByObjectId, type TrustedIssuer } from "../../auth/entra-token.ts";
import { fetchJson } from "../../auth/entra/fetch-json.ts";
import { IssuerKeys } from "../../auth/entra/issuer-keys.ts";
import { isInstance, LocalIssuer } from "../../auth/local-issuer/local-issuer.ts";
import { isSigningKey } from "../../auth/local-issuer/signing-key.ts";
import type { RoleAssignment, RoleAssignments } from "../../auth/role-assignments.ts";
import { newRsaKey } from "../../auth/rsa-key.ts";
import { RingmainError } from "../../core/errors.ts";
import type { ResourceDirectory } from "../../engine/directory/resource-directory.ts";
import type { ManagementTokens } from "../../http/arm/access/management-access.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";
import type { StoreSecrets } from "../../ports/store-secrets.ts";
import type { Config } from "../config/schema.ts";
import { managementAudiences } from "./own-audiences.ts";

/** Roles of applications that are not configured, in development only: they can publish without any setup. */
const DEVELOPMENT_ROLES = ["EventGrid Data Sender"];

/**
 * Creates the issuer of tokens. In development it issues tokens to any application, in production only to configured
 * ones; without any, returns `undefined`. The store keeps a name and a key for each mode, so that production does not
 * accept tokens from development. Rejects with `store_unavailable`, also if one of them is damaged. [EG-ISSUER-INSTANCE]
 */
export async function createLocalIssuer(
  { clients, mode }: Pick<Config, "clients" | "mode">,
  secrets: StoreSecrets,
  clock: Clock,
  random: Random,
): Promise<LocalIssuer | undefined> {
  if (mode === "production" && clients.length === 0) return undefined;
  const [instanceName, keyName] = [`token-instance.${mode}`, `token-key.${mode}`];
  const instance = await secrets.obtain(instanceName, async () => random.uuid());
  if (!isInstance(instance)) throw damaged(instanceName, "a GUID in lower case");
  // A missing key is created only when the first token is requested, because that takes a while.
  const key = await secrets.find(keyName);
  if (key !== undefined && !isSigningKey(key)) throw damaged(keyName, "a private RSA key in PEM");
  return new LocalIssuer({
    instance,
    privateKey: () => secrets.obtain(keyName, newRsaKey),
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

function damaged(name: string, expected: string): RingmainError {
  return new RingmainError(
    "store_unavailable",
    `The store's secret '${name}' is not ${expected}. It is the file 'secrets/${name}' in the data folder, or the key ` +
      `'secret.${name}' of the bucket on NATS. Restore it, or delete it and start again: Ringmain then creates another ` +
      "one, and tokens issued before are no longer valid.",
  );
}

/**
 * Returns the access with tokens for publishers: principals of the configured issuers and the local one, with their
 * roles.
 */
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
 * Returns the access with tokens for management: principals of the configured issuers and applications in `clients`,
 * with their assigned roles. `undefined` if there are neither: then no token gives access to management.
 * [ARM-AUTH-TOKEN]
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

/** Applies the role assignments of Resource Manager, now and after every change. */
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

/** Applies the role assignments of a configuration, replacing those of the previous one. */
export function assignRoles(roles: RoleAssignments, { roleAssignments }: Pick<Config, "roleAssignments">): void {
  roles.replace(
    "config",
    roleAssignments.map(({ principalId, role, scope = "/" }) => ({ principalId, role, scope })),
  );
}
