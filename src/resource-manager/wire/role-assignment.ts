import { builtInRole, type BuiltInRole } from "../../core/built-in-roles.ts";
import { RingmainError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { DesiredOf, RoleAssignmentResource } from "../../core/resources/resources.ts";
import { formatTime, type EpochMs } from "../../core/time.ts";
import { bodyRequest, type BodyRequest } from "../body/body-request.ts";
import { READ_ENVELOPE } from "../body/envelope.ts";
import { definedMembers } from "../body/defined-members.ts";
import { json, object, oneOf, text } from "../body/members.ts";

const TYPE = "Microsoft.Authorization/roleAssignments";
const DEFINITIONS = "Microsoft.Authorization/roleDefinitions";
const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Returns a role assignment as clients see it. Source: [ARM-ROLE-ASSIGNMENT] */
export function readRoleAssignment({ id, name, properties }: RoleAssignmentResource): JsonObject {
  const { createdAt, description, ...rest } = properties;
  const at = formatTime(createdAt);
  return {
    id,
    name,
    type: TYPE,
    properties: {
      ...rest,
      condition: null,
      conditionVersion: null,
      createdOn: at,
      updatedOn: at,
      createdBy: null,
      updatedBy: null,
      delegatedManagedIdentityResourceId: null,
      description: description ?? null,
    },
  };
}

const PROPERTIES = {
  roleDefinitionId: text,
  principalId: text,
  principalType: oneOf(["User", "Group", "ServicePrincipal", "ForeignGroup", "Device"]),
  description: text,
  condition: json,
};
/** Names of further members in reads. */
const PROPERTIES_READ = [
  "scope",
  "conditionVersion",
  "createdOn",
  "updatedOn",
  "createdBy",
  "updatedBy",
  "delegatedManagedIdentityResourceId",
];

/** Id, scope and time of the write of a role assignment. */
interface AssignmentContext {
  readonly id: string;
  readonly name: string;
  readonly scope: string;
  readonly now: EpochMs;
}

/**
 * Body of a PUT. Errors: `invalid_request_content`, `invalid_request`, `role_definition_missing`.
 * Source: [ARM-ROLE-ASSIGNMENT]
 */
export const ROLE_ASSIGNMENT_PUT: BodyRequest<AssignmentContext, DesiredOf<typeof TYPE>> = bodyRequest(
  object({ properties: object(PROPERTIES, PROPERTIES_READ) }, READ_ENVELOPE),
  ({ properties = {} }, { id, name, scope, now }: AssignmentContext) => {
    if (!GUID.test(name)) throw refused(`The role assignment ID '${name}' is not valid. It must be a GUID.`);
    const { principalId = "", roleDefinitionId = "", principalType = "User", description, condition } = properties;
    if (!GUID.test(principalId))
      throw refused(`The principal ID '${principalId.slice(0, 80)}' is not valid. It must be a GUID.`);
    if (condition !== undefined) {
      throw new RingmainError("not_supported", "Conditions of role assignments are not supported.");
    }
    const role = builtInRole(roleDefinitionId);
    if (role === undefined || !roleDefinitionId.toLowerCase().includes(DEFINITIONS.toLowerCase())) {
      const message = `The specified role definition with ID '${roleDefinitionId.slice(0, 260)}' does not exist.`;
      throw new RingmainError("role_definition_missing", message);
    }
    return {
      id,
      name,
      type: TYPE,
      location: "local",
      properties: definedMembers({
        scope,
        roleDefinitionId: roleDefinitionAt(role, scope),
        principalId: principalId.toLowerCase(),
        principalType,
        description,
        createdAt: now,
      }),
    };
  },
);

/** Returns a role definition as clients see it at a scope. Source: [ARM-ROLES] */
export function readRoleDefinition(role: BuiltInRole, scope: string): JsonObject {
  const { actions, notActions, dataActions, description } = role;
  return {
    id: roleDefinitionAt(role, scope),
    name: role.id,
    type: DEFINITIONS,
    properties: {
      roleName: role.name,
      type: "BuiltInRole",
      description,
      assignableScopes: ["/"],
      permissions: [{ actions, notActions, dataActions, notDataActions: [] }],
    },
  };
}

/** Returns the id of a role definition, which begins with the Azure subscription of the scope, if it has one. */
function roleDefinitionAt({ id }: BuiltInRole, scope: string): string {
  const subscription = /^\/subscriptions\/[^/]+/i.exec(scope)?.[0] ?? "";
  return `${subscription}/providers/${DEFINITIONS}/${id}`;
}

function refused(message: string): RingmainError {
  return new RingmainError("invalid_request", message);
}
