import { builtInRole, type BuiltInRole } from "../../core/built-in-roles.ts";
import { RingmainError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { RoleAssignmentResource } from "../../core/resources/resources.ts";
import { formatTime, type EpochMs } from "../../core/time.ts";
import type { DesiredOf } from "./arm-type.ts";
import type { JsonReader } from "../body/json-reader.ts";

const TYPE = "Microsoft.Authorization/roleAssignments";
const DEFINITIONS = "Microsoft.Authorization/roleDefinitions";
const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
const PRINCIPAL_TYPES = ["User", "Group", "ServicePrincipal", "ForeignGroup", "Device"] as const;

/** A role assignment as it is read. Source: [ARM-ROLE-ASSIGNMENT] */
export function readRoleAssignment({ id, name, properties }: RoleAssignmentResource): JsonObject {
  const { createdAt, description, ...told } = properties;
  const at = formatTime(createdAt);
  return {
    id,
    name,
    type: TYPE,
    properties: {
      ...told,
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

/**
 * What a PUT asks for. Errors: `invalid_request_content`, `invalid_request`, `role_definition_missing`.
 * Source: [ARM-ROLE-ASSIGNMENT]
 */
export function writeRoleAssignment(
  body: JsonReader,
  {
    id,
    name,
    scope,
    now,
  }: { readonly id: string; readonly name: string; readonly scope: string; readonly now: EpochMs },
): DesiredOf<typeof TYPE> {
  if (!GUID.test(name)) throw refused(`The role assignment ID '${name}' is not valid. It must be a GUID.`);
  const properties = body.child("properties");
  const principalId = properties?.text("principalId") ?? "";
  if (!GUID.test(principalId))
    throw refused(`The principal ID '${principalId.slice(0, 80)}' is not valid. It must be a GUID.`);
  if ((properties?.raw("condition") ?? null) !== null) {
    throw new RingmainError("not_supported", "Conditions of role assignments are not supported.");
  }
  const roleDefinitionId = properties?.text("roleDefinitionId") ?? "";
  const role = builtInRole(roleDefinitionId);
  if (role === undefined || !roleDefinitionId.toLowerCase().includes(DEFINITIONS.toLowerCase())) {
    const message = `The specified role definition with ID '${roleDefinitionId.slice(0, 260)}' does not exist.`;
    throw new RingmainError("role_definition_missing", message);
  }
  const description = properties?.text("description");
  return {
    id,
    name,
    type: TYPE,
    location: "local",
    properties: {
      scope,
      roleDefinitionId: roleDefinitionAt(role, scope),
      principalId: principalId.toLowerCase(),
      principalType: properties?.oneOf("principalType", PRINCIPAL_TYPES) ?? "User",
      ...(description === undefined ? {} : { description }),
      createdAt: now,
    },
  };
}

/** A role's definition as it is read at a scope. Source: [ARM-ROLES] */
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

/** Ids of definitions have the Azure subscription in front, where there is one. */
function roleDefinitionAt({ id }: BuiltInRole, scope: string): string {
  const subscription = /^\/subscriptions\/[^/]+/i.exec(scope)?.[0] ?? "";
  return `${subscription}/providers/${DEFINITIONS}/${id}`;
}

function refused(message: string): RingmainError {
  return new RingmainError("invalid_request", message);
}
