import { RingmainError } from "../../../core/errors.ts";
import { resourceKey } from "../../../core/resources/resource-id.ts";
import { UNRELATED, type BehaviourOf } from "./kind.ts";

/** Behaviour of role assignments. */
export const managedRoleAssignment: BehaviourOf<"Microsoft.Authorization/roleAssignments"> = {
  ...UNRELATED,
  complete: (desired, _before, { uid }) => ({ ...desired, uid }),
  claims: ({ properties: { scope, principalId, roleDefinitionId } }) => [
    `role ${resourceKey(scope)} ${resourceKey(principalId)} ${resourceKey(roleDefinitionId)}`,
  ],
  // [ARM-ROLE-ASSIGNMENT] The configuration file may declare an assignment that exists already.
  checkRelations: (desired, { directory }) => {
    if (desired.managedBy === "config") return;
    const { scope, principalId, roleDefinitionId } = desired.properties;
    const other = directory
      .roleAssignmentsAt(scope)
      .find(
        ({ id, properties }) =>
          resourceKey(id) !== resourceKey(desired.id) &&
          resourceKey(properties.principalId) === resourceKey(principalId) &&
          resourceKey(properties.roleDefinitionId) === resourceKey(roleDefinitionId),
      );
    if (other === undefined) return;
    throw new RingmainError("role_assignment_exists", "The role assignment already exists.");
  },
};
