import type { EpochMs } from "../time.ts";
import type { Desired, ResourceBase } from "../resources/base.ts";
import { resourceKey } from "../resources/resource-id.ts";
import { PLAIN, type ResourceKind } from "./kind.ts";

/** A role of a principal on a scope and everything below it. Its id extends that of the scope; its name is a GUID. */
export type RoleAssignmentResource = ResourceBase<"Microsoft.Authorization/roleAssignments", RoleAssignmentProperties>;

/** Properties of a role assignment. */
export interface RoleAssignmentProperties {
  /** ARM id of the scope; `/` is everything. */
  readonly scope: string;
  /** ARM id of the role definition. */
  readonly roleDefinitionId: string;
  /** Object id of a service principal, an identity, a user or a group. */
  readonly principalId: string;
  /** Type of the principal. Stored and returned, without any other effect. */
  readonly principalType: string;
  readonly description?: string;
  readonly createdAt: EpochMs;
}

/** Desired state of a role assignment. */
export type DesiredRoleAssignment = Desired<RoleAssignmentResource>;

/** Resource kind of role assignments. */
export const roleAssignmentKind: ResourceKind<RoleAssignmentResource> = {
  ...PLAIN,
  type: "Microsoft.Authorization/roleAssignments",
  noun: "role assignment",
  placement: { kind: "extension" },
  location: "inherited",
  keyBytes: undefined,
  places: ({ properties }) => [["scope", resourceKey(properties.scope)]],
  rules: () => [],
};
