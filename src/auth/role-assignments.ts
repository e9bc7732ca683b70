import { allowsOperation, builtInRole, RECEIVE_EVENTS, SEND_EVENTS, type BuiltInRole } from "../core/built-in-roles.ts";
import { resourceKey } from "../core/resources/resource-id.ts";

/** What a role lets its holder do with events. */
export type DataAction = "send" | "receive";

const DATA_ACTIONS: Readonly<Record<DataAction, string>> = { send: SEND_EVENTS, receive: RECEIVE_EVENTS };

/** Somebody has a role on a resource and everything below it. */
export interface RoleAssignment {
  /** Object id of a service principal, an identity, a user or a group. */
  readonly principalId: string;
  /** The role's name, its id, or the ARM id of its definition. */
  readonly role: string;
  /** ARM id; `/` is everything. */
  readonly scope: string;
}

/** The holder of a token. */
export interface Principal {
  /** Object ids: the principal's own and those of its groups. */
  readonly ids: readonly string[];
  /** Roles with events that it has without being assigned any. */
  readonly roles: readonly string[];
}

/** Who may do what where. Filled from several places, each of which owns what it put in. */
export class RoleAssignments {
  readonly #bySource = new Map<string, readonly RoleAssignment[]>();

  /** Makes the assignments of one place those given. */
  replace(source: string, assignments: readonly RoleAssignment[]): void {
    this.#bySource.set(source, assignments);
  }

  /** Whether a principal may do something with the events of a resource. Source: [EG-ENTRA-ROLE] */
  allows({ ids, roles }: Principal, action: DataAction, resourceId: string): boolean {
    const grants = (role: BuiltInRole): boolean => role.dataActions.includes(DATA_ACTIONS[action]);
    const isGranting = (word: string): boolean => {
      const role = builtInRole(word);
      return role !== undefined && grants(role);
    };
    return roles.some(isGranting) || this.#find(ids, resourceId, grants) !== undefined;
  }

  /**
   * Returns the assignment that lets a principal carry out a management operation; `undefined` when none does. Roles
   * that it has without being assigned do not count: they are for events. Source: [ARM-AUTH-ROLE]
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
