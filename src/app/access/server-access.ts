import type { LocalIssuer } from "../../auth/local-issuer/local-issuer.ts";
import type { RoleAssignments } from "../../auth/role-assignments.ts";
import type { ServerDependencies } from "../../http/server.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";
import type { Config } from "../config/schema.ts";
import { adminAccess, ownNames } from "./admin-access.ts";
import { createManagementTokens, createTokenAccess } from "./token-access.ts";

/** The parts of a server that decide who may do what, other than reading metrics. */
export type ServerAccess = Pick<ServerDependencies, "admin" | "identity" | "managementTokens" | "tokenAccess">;

export interface ServerAccessDependencies {
  /** Unset where the configuration has no tokens issued. */
  readonly issuer: LocalIssuer | undefined;
  readonly roles: RoleAssignments;
  readonly clock: Clock;
  readonly random: Random;
}

/** Creates what decides who may do what, as the configuration says. docs/security.md has the table. */
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
