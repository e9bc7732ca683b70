import {
  readRoleAssignment,
  readRoleDefinition,
  ROLE_ASSIGNMENT_PUT,
} from "../../../resource-manager/wire/role-assignment.ts";
import { parseArmPath } from "../../../resource-manager/arm-id.ts";
import { armTypeNamed } from "../../../resource-manager/resource-types.ts";
import { BUILT_IN_ROLES, builtInRole, type BuiltInRole } from "../../../core/built-in-roles.ts";
import { RingmainError } from "../../../core/errors.ts";
import { resourceKey } from "../../../core/resources/resource-id.ts";
import type { RoleAssignmentResource } from "../../../core/resources/resources.ts";
import { requireGroup } from "../target.ts";
import { readMembers } from "../arm-body.ts";
import { ok, type ArmAnswer, type ArmCall } from "../arm-call.ts";
import { listPage, type Listed } from "../lists/list-page.ts";
import { notAllowed } from "../resources.ts";

const ASSIGNMENTS = "Microsoft.Authorization/roleAssignments";
const PAGES = { page: 1_000, maxPage: 1_000 };

/** Handles all calls to `Microsoft.Authorization`, on any scope. Source: [ARM-ROLES], [ARM-ROLE-ASSIGNMENT] */
export async function authorization(call: ArmCall): Promise<ArmAnswer> {
  const { types, names } = call.path;
  const [name] = names;
  if (types.length === 1 && types[0] === "roleDefinitions") return roleDefinitions(call, name);
  if (types.length === 1 && types[0] === "roleAssignments") {
    return name === undefined ? listAssignments(call) : roleAssignment(call, name);
  }
  throw new RingmainError(
    "invalid_resource_type",
    `The resource type '${types.join("/")}' could not be found in the namespace 'Microsoft.Authorization'.`,
  );
}

function roleDefinitions(call: ArmCall, name: string | undefined): ArmAnswer | Promise<ArmAnswer> {
  const { method, path } = call;
  if (method === "PUT" || method === "DELETE") {
    throw new RingmainError("not_supported", "Custom roles are not supported. Use one of Azure's built-in roles.");
  }
  if (method !== "GET") throw notAllowed(method);
  if (name !== undefined) {
    const role = builtInRole(name);
    if (role !== undefined && role.id === name.toLowerCase()) return ok(readRoleDefinition(role, path.scope));
    throw new RingmainError(
      "role_definition_missing",
      `The specified role definition with ID '${name}' does not exist.`,
    );
  }
  const listed = (role: BuiltInRole): Listed => ({
    id: `/${role.id}`,
    fields: { roleName: role.name, type: "BuiltInRole" },
    read: () => readRoleDefinition(role, path.scope),
  });
  const rules = { ...PAGES, filterable: ["roleName", "type"] };
  return listPage(withoutScopeFilter(call).call, BUILT_IN_ROLES, listed, rules);
}

async function roleAssignment(call: ArmCall, name: string): Promise<ArmAnswer> {
  const { controlPlane, directory } = call.engine;
  const { scope } = call.path;
  const id = `${scope}/providers/${ASSIGNMENTS}/${name}`;
  const found = directory.find(ASSIGNMENTS, id);
  switch (call.method) {
    case "GET":
      if (found !== undefined) return ok(readRoleAssignment(found));
      throw new RingmainError("not_found", `The role assignment '${name}' is not found.`);
    case "PUT":
      return assign(call, id, name);
    case "DELETE":
      if (found === undefined) return { status: 204 };
      await controlPlane.delete(id);
      return ok(readRoleAssignment(found));
    default:
      throw notAllowed(call.method);
  }
}

async function assign(call: ArmCall, id: string, name: string): Promise<ArmAnswer> {
  const { engine, clock, path } = call;
  requireScopeThere(call);
  const scope = path.scope || "/";
  const wanted = (await readMembers(call, ROLE_ASSIGNMENT_PUT, id))({ id, name, scope, now: clock.now() });
  const { principalId, roleDefinitionId } = wanted.properties;
  const isSame = ({ properties }: RoleAssignmentResource): boolean =>
    properties.principalId === principalId && properties.roleDefinitionId === roleDefinitionId;
  const { resource } = await engine.controlPlane.change(id, (before) => {
    if (before?.resource.type !== ASSIGNMENTS) return wanted;
    if (!isSame(before.resource)) {
      throw new RingmainError("invalid_request", "Principal, role and scope of a role assignment cannot be changed.");
    }
    const { createdAt } = before.resource.properties;
    return { ...wanted, properties: { ...wanted.properties, createdAt } };
  });
  return { status: 201, body: readRoleAssignment(resource as RoleAssignmentResource) };
}

/** Throws if the scope of a role assignment does not exist. Resources of other providers are not checked. */
function requireScopeThere({ engine, path }: ArmCall): void {
  requireGroup(path, engine.directory);
  const { scope, namespace, types, names } = parseArmPath(path.scope);
  // Extensions of other resources are not checked: they may be stored under another id.
  const isResource = namespace !== undefined && types.length === names.length && !scope.includes("/providers/");
  if (!isResource || engine.directory.get(path.scope) !== undefined) return;
  if (armTypeNamed(`${namespace}/${types.join("/")}`) === undefined) return;
  throw new RingmainError("not_found", `The Resource '${path.scope}' was not found.`);
}

/** Lists the role assignments at, above and below a scope; with the filter `atScope()`, none below it. */
function listAssignments(request: ArmCall): Promise<ArmAnswer> {
  if (request.method !== "GET") throw notAllowed(request.method);
  const { call, atScope } = withoutScopeFilter(request);
  const here = prefixOf(call.path.scope);
  const listed = (each: RoleAssignmentResource): Listed | undefined => {
    const there = prefixOf(each.properties.scope);
    if (!here.startsWith(there) && (atScope || !there.startsWith(here))) return undefined;
    const { principalId } = each.properties;
    return { id: each.id, fields: { principalId }, read: () => readRoleAssignment(each) };
  };
  const assignments = call.engine.directory.ofKind(ASSIGNMENTS);
  return listPage(call, assignments, listed, { ...PAGES, filterable: ["principalId"] });
}

function prefixOf(scope: string): string {
  return `${resourceKey(scope).replace(/\/$/, "")}/`;
}

/** Rewrites a call's `$filter` for {@link listPage}: without scope functions, and with `assignedTo` as a comparison. */
function withoutScopeFilter(call: ArmCall): { readonly call: ArmCall; readonly atScope: boolean } {
  const filter = call.query.get("$filter") ?? "";
  const query = new URLSearchParams(call.query);
  // The look-behind makes the expression try each run of white space once, from its beginning.
  const plain = filter
    .replaceAll(/\batScope(?:AndBelow)?\(\)(?:\s+and\s+)?|(?<!\s)\s+and\s+atScope(?:AndBelow)?\(\)/gi, "")
    .replaceAll(/\bassignedTo\(\s*('[^']*')\s*\)/gi, "principalId eq $1");
  query.set("$filter", plain);
  return { call: { ...call, query }, atScope: /\batScope\(\)/i.test(filter) };
}
