import type { TokenAccess } from "../../../auth/authenticate-publisher.ts";
import type { ArmOperation } from "../../../resource-manager/operation.ts";
import { builtInRole } from "../../../core/built-in-roles.ts";
import { RingmainError } from "../../../core/errors.ts";
import type { Clock } from "../../../ports/clock.ts";
import { checkAdmin, showsKey, type AdminAccess } from "../../access/admin-only.ts";
import { whyNotLocal, type Requester } from "../../access/local-caller.ts";

/** An authenticated caller. */
export interface Manager {
  /** The token's claims about its holder, for events; never the token. */
  readonly claims: Readonly<Record<string, string>>;
  /** Returns the role that allows an operation, in the form that events use; `undefined` if no role allows it. */
  readonly grant: (operation: string, scope: string) => Readonly<Record<string, string>> | undefined;
}

/** A caller that may do everything. */
const OWNER: Manager = { claims: {}, grant: () => ({ role: "Owner" }) };

/**
 * Authenticates a management request. Rejects with `authentication_failed`, `invalid_authentication_token`,
 * `unauthorized` or `forbidden`. Source: [ARM-AUTH]
 */
export type AuthorizeManagement = (requester: Requester) => Promise<Manager>;

/** Matches the `Authorization` header of RFC 6750. */
const BEARER = /^Bearer +([\w\-.~+/]+=*)$/i;

/** The issuers whose tokens Resource Manager accepts, and the roles of their holders. */
export interface ManagementTokens extends TokenAccess {
  readonly clock: Clock;
}

/**
 * Returns the access check of Resource Manager. Every call carries a bearer token, as Azure's clients send one. The
 * admin key allows everything. In development without a key, programs on this machine may use any token. Where tokens
 * are checked, the holder of a valid token may do what its roles allow. Source: [ARM-AUTH]
 */
export function managementAccess(access: AdminAccess, tokens?: ManagementTokens): AuthorizeManagement {
  return async (requester) => {
    if (showsKey(access, requester)) return OWNER;
    const token = bearerOf(requester.header("authorization"));
    const isLocal = access.kind === "local" && whyNotLocal(requester, access.names ?? []) === undefined;
    if (tokens !== undefined && !isLocal) return holderOf(token, tokens);
    checkAdmin(access, requester);
    return OWNER;
  };
}

/** Verifies a token and returns its holder with the roles that the holder has. [ARM-AUTH-TOKEN] */
async function holderOf(token: string, { tokens, roles, clock }: ManagementTokens): Promise<Manager> {
  const holder = await tokens.verify(token, clock.now());
  return {
    claims: holder.claims,
    grant: (operation, scope) => {
      const assignment = roles.managing(holder, operation, scope);
      const role = assignment && builtInRole(assignment.role);
      if (assignment === undefined || role === undefined) return undefined;
      return {
        role: role.name,
        roleAssignmentScope: assignment.scope,
        roleDefinitionId: role.id,
        principalId: assignment.principalId,
      };
    },
  };
}

/**
 * Throws `forbidden` if a manager's roles do not allow an operation. Data that is the same for all callers may be read
 * with any valid token. Source: [ARM-AUTH-ROLE]
 */
export function requireGrant({ grant, claims }: Manager, operation: ArmOperation): void {
  const { name, resourceId } = operation;
  if (isFact(operation) || grant(name, resourceId) !== undefined) return;
  throw new RingmainError(
    "forbidden",
    `The client '${claims["appid"] ?? ""}' with object id '${claims["oid"] ?? ""}' does not have authorization to ` +
      `perform action '${name}' over scope '${resourceId}' or the scope is invalid. If access was recently granted, ` +
      "please refresh your credentials.",
  );
}

/** Operations that read built-in data: topic types, role definitions and the tenant's lists. */
const FACTS: ReadonlySet<string> = new Set(
  [
    "Microsoft.Resources/tenants/read",
    "Microsoft.Resources/subscriptions/read",
    "Microsoft.Resources/providers/read",
    "Microsoft.Authorization/roleDefinitions/read",
    "Microsoft.EventGrid/operations/read",
    "Microsoft.EventGrid/topicTypes/read",
    "Microsoft.EventGrid/topicTypes/eventTypes/read",
    "Microsoft.EventGrid/verifiedPartners/read",
  ].map((name) => name.toLowerCase()),
);

function isFact({ name, resourceId }: ArmOperation): boolean {
  return FACTS.has(name.toLowerCase()) && !resourceId.toLowerCase().startsWith("/subscriptions/");
}

function bearerOf(authorization: string | undefined): string {
  if (authorization === undefined || authorization === "") {
    throw new RingmainError("authentication_failed", "Authentication failed. The 'Authorization' header is missing.");
  }
  const token = BEARER.exec(authorization)?.[1];
  if (token !== undefined) return token;
  throw new RingmainError(
    "invalid_authentication_token",
    "The authentication scheme or the token's form is not supported: send 'Authorization: Bearer <token>'.",
  );
}
