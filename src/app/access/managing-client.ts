import { objectIdOf } from "../../auth/local-issuer/local-issuer.ts";
import { allowsOperation, builtInRole } from "../../core/built-in-roles.ts";
import type { Config } from "../config/schema.ts";

/** Credentials of an application. */
export interface ClientLogin {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Operation that every role for management allows and the roles for publishing do not. */
const MANAGEMENT_OPERATION = "Microsoft.EventGrid/eventSubscriptions/read";

/** Returns the first application in `clients` that has a role for management; `undefined` if there is none. */
export function managingClient({
  clients,
  roleAssignments,
}: Pick<Config, "clients" | "roleAssignments">): ClientLogin | undefined {
  const managers = new Set(
    roleAssignments.flatMap(({ principalId, role }) => {
      const definition = builtInRole(role);
      return definition !== undefined && allowsOperation(definition, MANAGEMENT_OPERATION)
        ? [principalId.toLowerCase()]
        : [];
    }),
  );
  return clients.find(({ clientId, objectId = objectIdOf(clientId) }) => managers.has(objectId.toLowerCase()));
}
