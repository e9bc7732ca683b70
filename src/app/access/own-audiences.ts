import { createAudienceCheck, type AudienceCheck } from "../../auth/audience.ts";
import type { Config } from "../config/schema.ts";

/** Audiences of tokens for Resource Manager, in Azure's own cloud. */
const RESOURCE_MANAGER = ["https://management.azure.com", "https://management.core.windows.net"];
/** The same, as Entra's application ids: Resource Manager and Event Grid. */
const APPLICATION_IDS = ["797f4846-ba00-4fd7-ba43-dac1f8f63013", "4962773b-9cdb-44cf-a8bf-237846a00ab7"];

/** Returns the audiences of tokens that open management. */
export function managementAudiences({ port, tls }: Pick<Config, "port" | "tls">): readonly string[] {
  // Clients that know this server as Resource Manager ask for tokens for it by the address that they have; a proxy's
  // is without a port.
  const own = ["localhost", ...tls.names].flatMap((name) => [`https://${name}:${port}`, `https://${name}`]);
  return [...RESOURCE_MANAGER, ...own];
}

/** Returns a check for the audiences of tokens that open anything at this server. Source: [EG-ENTRA-OWN-AUDIENCE] */
export function ownAudienceCheck(config: Pick<Config, "identity" | "port" | "tls">): AudienceCheck {
  const { audiences } = config.identity;
  return createAudienceCheck([...managementAudiences(config), ...audiences, ...APPLICATION_IDS]);
}
