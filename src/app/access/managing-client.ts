import { objectIdOf } from "../../auth/local-issuer/local-issuer.ts";
import { allowsOperation, builtInRole } from "../../core/built-in-roles.ts";
import type { Config } from "../config/schema.ts";

/** What an application logs in with. */
export interface ClientLogin {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What everybody may do who manages anything; who merely publishes may not. */
const MANAGES = "Microsoft.EventGrid/eventSubscriptions/read";

/** The first application in `clients` that a role of `roleAssignments` lets manage; `undefined` where none may. */
export function managingClient({
  clients,
  roleAssignments,
}: Pick<Config, "clients" | "roleAssignments">): ClientLogin | undefined {
  const managers = new Set(
    roleAssignments.flatMap(({ principalId, role }) => {
      const definition = builtInRole(role);
      return definition !== undefined && allowsOperation(definition, MANAGES) ? [principalId.toLowerCase()] : [];
    }),
  );
  return clients.find(({ clientId, objectId = objectIdOf(clientId) }) => managers.has(objectId.toLowerCase()));
}
