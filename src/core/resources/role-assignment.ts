import type { EpochMs } from "../time.ts";
import type { ResourceBase } from "./base.ts";

/** Somebody has a role on a scope and everything below it. Its id extends the scope's; its name is a GUID. */
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
