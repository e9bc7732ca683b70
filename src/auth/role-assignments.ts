import { allowsOperation, builtInRole, RECEIVE_EVENTS, SEND_EVENTS, type BuiltInRole } from "../core/built-in-roles.ts";
import { resourceKey } from "../core/resources/resource-id.ts";

/** An action on events that a role may allow. */
export type DataAction = "send" | "receive";

const DATA_ACTIONS: Readonly<Record<DataAction, string>> = { send: SEND_EVENTS, receive: RECEIVE_EVENTS };

/** Assignment of a role to a principal, on a resource and everything below it. */
export interface RoleAssignment {
  /** Object id of a service principal, an identity, a user or a group. */
  readonly principalId: string;
  /** Name or id of the role, or the ARM id of its definition. */
  readonly role: string;
  /** ARM id of the resource; `/` for everything. */
  readonly scope: string;
}

/** The holder of a token. */
export interface Principal {
  /** Object ids of the principal and of its groups. */
  readonly ids: readonly string[];
  /** Roles for events that the principal has without assignments. */
  readonly roles: readonly string[];
}

/** The role assignments in effect. Several sources contribute assignments, and each replaces only its own. */
export class RoleAssignments {
  readonly #bySource = new Map<string, readonly RoleAssignment[]>();

  /** Replaces the assignments of one source. */
  replace(source: string, assignments: readonly RoleAssignment[]): void {
    this.#bySource.set(source, assignments);
  }

  /** Returns whether a principal may perform an action on the events of a resource. Source: [EG-ENTRA-ROLE] */
  allows({ ids, roles }: Principal, action: DataAction, resourceId: string): boolean {
    const grants = (role: BuiltInRole): boolean => role.dataActions.includes(DATA_ACTIONS[action]);
    const isGranting = (word: string): boolean => {
      const role = builtInRole(word);
      return role !== undefined && grants(role);
    };
    return roles.some(isGranting) || this.#find(ids, resourceId, grants) !== undefined;
  }

  /**
   * Returns the assignment that allows a principal a management operation, or `undefined` if there is none. Ignores
   * roles that the principal has without assignments: these are for events only. Source: [ARM-AUTH-ROLE]
   */
  managing({ ids }: Principal, operation: string, resourceId: string): RoleAssignment | undefined {
    return this.#find(ids, resourceId, (role) => allowsOperation(role, operation));
  }

  #find(
    ids: readonly string[],
    resourceId: string,
    grants: (role: BuiltInRole) => boolean,
  ): RoleAssignment | undefined {
    const mine = new Set(ids.map((id) => id.toLowerCase()));
    const resource = `${resourceKey(resourceId).replace(/\/$/, "")}/`;
    for (const assignments of this.#bySource.values()) {
      for (const assignment of assignments) {
        if (!mine.has(assignment.principalId.toLowerCase())) continue;
        const role = builtInRole(assignment.role);
        if (role === undefined || !grants(role)) continue;
        if (resource.startsWith(`${resourceKey(assignment.scope).replace(/\/$/, "")}/`)) return assignment;
      }
    }
    return undefined;
  }
}
