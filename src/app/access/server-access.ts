import type { LocalIssuer } from "../../auth/local-issuer/local-issuer.ts";
import type { RoleAssignments } from "../../auth/role-assignments.ts";
import type { ServerDependencies } from "../../http/server.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";
import type { Config } from "../config/schema.ts";
import { adminAccess, ownNames } from "./admin-access.ts";
import { createManagementTokens, createTokenAccess } from "./token-access.ts";

/** The dependencies of a server that control access, except access to metrics. */
export type ServerAccess = Pick<ServerDependencies, "admin" | "identity" | "managementTokens" | "tokenAccess">;

/** Dependencies of the access control. */
export interface ServerAccessDependencies {
  /** `undefined` if Ringmain issues no tokens. */
  readonly issuer: LocalIssuer | undefined;
  readonly roles: RoleAssignments;
  readonly clock: Clock;
  readonly random: Random;
}

/** Creates the access control of a server from the configuration. docs/security.md describes the rules. */
export function createServerAccess(
  config: Config,
  { issuer, roles, clock, random }: ServerAccessDependencies,
): ServerAccess {
  const anybody = config.mode === "dev" ? { names: ownNames(config.tls) } : undefined;
  return {
    admin: adminAccess(config),
    managementTokens: createManagementTokens(config, clock, roles, issuer),
    tokenAccess: createTokenAccess(config, clock, roles, issuer),
    ...(issuer === undefined ? {} : { identity: { issuer, anybody, clock, random } }),
  };
}
