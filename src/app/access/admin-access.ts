import type { AdminAccess } from "../../http/access/admin-only.ts";
import type { Config } from "../config/schema.ts";

/** Returns the access rule for management: the admin key if one is set; otherwise, in development, this machine only. */
export function adminAccess({ adminKey, mode, tls }: Pick<Config, "adminKey" | "mode" | "tls">): AdminAccess {
  if (adminKey !== undefined) return { kind: "key", key: adminKey, setting: "adminKey" };
  return mode === "dev" ? { kind: "local", names: ownNames(tls) } : { kind: "nobody" };
}

/** Returns the access rule for metrics: the metrics key if one is set; otherwise the rule for management. */
export function metricsAccess(config: Pick<Config, "adminKey" | "mode" | "tls" | "metrics">): AdminAccess {
  const { key } = config.metrics;
  return key === undefined ? adminAccess(config) : { kind: "key", key, setting: "metrics.key" };
}

/** Returns the host names that belong to this server, in lower case. */
export function ownNames({ names }: Config["tls"]): string[] {
  return names.map((name) => name.toLowerCase());
}
