import { isLoopbackAddress } from "../../auth/loopback.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Config } from "../config/schema.ts";
import { managingClient } from "./managing-client.ts";

type AccessConfig = Pick<Config, "adminKey" | "clients" | "identity" | "mode" | "roleAssignments">;

const KEY_HINT = "Set 'adminKey' (RINGMAIN_ADMIN_KEY)";
const ROLES_HINT = "'clients' or 'identity.issuers' along with 'roleAssignments'";

/**
 * Logs a warning about a server without an admin key: in production, because some management is not available; in
 * development, if other machines can reach the server but not manage it. The warning names the settings to change.
 *
 * @param address the address that the server listens on
 */
export function warnOfAccess(config: AccessConfig, address: string, logger: Logger): void {
  if (config.adminKey !== undefined) return;
  if (config.mode === "production") logger.warn("management_closed", { hint: productionHint(config) });
  else if (!isLoopbackAddress(address)) {
    const hint =
      "Other machines can reach this development server, but cannot manage it, read its metrics or get tokens. " +
      `${KEY_HINT} to allow it, for example in a container. Otherwise listen on 127.0.0.1 ('host').`;
    logger.warn("listens_beyond_loopback", { address, hint });
  }
}

function productionHint(config: AccessConfig): string {
  const roles = config.identity.issuers.length > 0 || managingClient(config) !== undefined;
  return roles
    ? `Without 'adminKey', /ringmain/… and backups are not available, nor are metrics without 'metrics.key'. Only roles give access to Resource Manager. ${KEY_HINT} to use them.`
    : `No caller can manage this server or read the keys that it generated. ${KEY_HINT}, or ${ROLES_HINT}.`;
}
