import type { EpochMs } from "../time.ts";
import type { Desired, ResourceBase } from "../resources/base.ts";
import { resourceKey } from "../resources/resource-id.ts";
import { PLAIN, type ResourceKind } from "./kind.ts";

/** A principal's role on a scope and everything below it. Its id extends the scope's; its name is a GUID. */
export type RoleAssignmentResource = ResourceBase<"Microsoft.Authorization/roleAssignments", RoleAssignmentProperties>;

export interface RoleAssignmentProperties {
  /** ARM id of what the role is for; `/` is everything. */
  readonly scope: string;
  /** ARM id of the role's definition. */
  readonly roleDefinitionId: string;
  /** Object id of a service principal, an identity, a user or a group. */
  readonly principalId: string;
  /** As told; kept and shown only. */
  readonly principalType: string;
  readonly description?: string;
  readonly createdAt: EpochMs;
}

/** A role assignment as a caller asks for it. */
export type DesiredRoleAssignment = Desired<RoleAssignmentResource>;

/** `Microsoft.Authorization/roleAssignments` */
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
