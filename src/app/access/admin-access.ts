import type { AdminAccess } from "../../http/admin/admin-only.ts";
import type { Config } from "../config/schema.ts";

/** A key where one is configured; without one, development serves this machine and production nobody. */
export function adminAccess({ adminKey, mode, tls }: Pick<Config, "adminKey" | "mode" | "tls">): AdminAccess {
  if (adminKey !== undefined) return { kind: "key", key: adminKey };
  return mode === "dev" ? { kind: "local", names: ownNames(tls) } : { kind: "nobody" };
}

/** As {@link adminAccess}, with a key of its own where one is configured: who watches need not be able to manage. */
export function metricsAccess(config: Pick<Config, "adminKey" | "mode" | "tls" | "metrics">): AdminAccess {
  const { key } = config.metrics;
  return key === undefined ? adminAccess(config) : { kind: "key", key };
}

/** Host names that only this server is reached by, as requests write them. */
export function ownNames({ names }: Config["tls"]): string[] {
  return names.map((name) => name.toLowerCase());
}
