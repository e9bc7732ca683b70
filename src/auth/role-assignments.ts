import { resourceKey } from "../core/resource-id.ts";

/** What a role lets its holder do with events. */
export type DataAction = "send" | "receive";

interface DataRole {
  /** Of the role's definition. */
  readonly id: string;
  readonly name: string;
  readonly actions: readonly DataAction[];
}

/** Built-in roles that let somebody send or receive events. [EG-ENTRA-ROLE] */
const DATA_ROLES: readonly DataRole[] = [
  { id: "d5a91429-5739-47e2-a06b-3470a27159e7", name: "EventGrid Data Sender", actions: ["send"] },
  { id: "78cbd9e7-9798-4e2e-9b5a-547d9ebb31fb", name: "EventGrid Data Receiver", actions: ["receive"] },
  { id: "1d8c3fe3-8864-474b-8749-01e3783e8157", name: "EventGrid Data Contributor", actions: ["send", "receive"] },
];

/** Somebody has a role on a resource and everything below it. */
export interface RoleAssignment {
  /** Object id of a service principal, an identity, a user or a group. */
  readonly principalId: string;
  /** The role's name, its id, or the ARM id of its definition. */
  readonly role: string;
  /** ARM id; `/` is everything. */
  readonly scope: string;
}

/** Who a token is about. */
export interface Principal {
  /** Object ids: the principal's own and those of its groups. */
  readonly ids: readonly string[];
  /** Roles that the token itself names. */
  readonly roles: readonly string[];
}

/** Who may send and receive where. Filled from several places, each of which owns what it put in. */
export class RoleAssignments {
  readonly #bySource = new Map<string, readonly RoleAssignment[]>();

  /** Makes the assignments of one place those given. */
  replace(source: string, assignments: readonly RoleAssignment[]): void {
    this.#bySource.set(source, assignments);
  }

  /** Whether a principal may do something with the events of a resource. Source: [EG-ENTRA-ROLE] */
  allows({ ids, roles }: Principal, action: DataAction, resourceId: string): boolean {
    if (roles.some((role) => grants(role, action))) return true;
    const mine = new Set(ids.map((id) => id.toLowerCase()));
    const resource = `${resourceKey(resourceId)}/`;
    for (const assignments of this.#bySource.values()) {
      for (const { principalId, role, scope } of assignments) {
        if (!mine.has(principalId.toLowerCase()) || !grants(role, action)) continue;
        if (resource.startsWith(`${resourceKey(scope).replace(/\/$/, "")}/`)) return true;
      }
    }
    return false;
  }
}

function grants(role: string, action: DataAction): boolean {
  const wanted = role.toLowerCase().split("/").at(-1);
  return DATA_ROLES.some(
    ({ id, name, actions }) => actions.includes(action) && (id === wanted || name.toLowerCase() === wanted),
  );
}
