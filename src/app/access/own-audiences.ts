import { createAudienceCheck, type AudienceCheck } from "../../auth/audience.ts";
import type { Config } from "../config/schema.ts";

/** Audiences of tokens for Resource Manager in Azure's public cloud. */
const RESOURCE_MANAGER = ["https://management.azure.com", "https://management.core.windows.net"];
/** Audiences in the form of application ids: Resource Manager and Event Grid. */
const APPLICATION_IDS = ["797f4846-ba00-4fd7-ba43-dac1f8f63013", "4962773b-9cdb-44cf-a8bf-237846a00ab7"];

/** Returns the audiences of tokens that give access to management. */
export function managementAudiences({ port, tls }: Pick<Config, "port" | "tls">): readonly string[] {
  // Clients of this server's Resource Manager request tokens for its address, which has no port behind a proxy.
  const own = ["localhost", ...tls.names].flatMap((name) => [`https://${name}:${port}`, `https://${name}`]);
  return [...RESOURCE_MANAGER, ...own];
}

/** Returns a check for the audiences of tokens that give any access to this server. [EG-ENTRA-OWN-AUDIENCE] */
export function ownAudienceCheck(config: Pick<Config, "identity" | "port" | "tls">): AudienceCheck {
  const { audiences } = config.identity;
  return createAudienceCheck([...managementAudiences(config), ...audiences, ...APPLICATION_IDS]);
}
