import type { AdminAccess } from "../../http/access/admin-only.ts";
import type { Config } from "../config/schema.ts";

/** Returns who may manage: who has the key, where one is configured; else, in development, programs of this machine. */
export function adminAccess({ adminKey, mode, tls }: Pick<Config, "adminKey" | "mode" | "tls">): AdminAccess {
  if (adminKey !== undefined) return { kind: "key", key: adminKey, setting: "adminKey" };
  return mode === "dev" ? { kind: "local", names: ownNames(tls) } : { kind: "nobody" };
}

/** Returns who may read metrics: who has their own key, where one is configured; else who may manage. */
export function metricsAccess(config: Pick<Config, "adminKey" | "mode" | "tls" | "metrics">): AdminAccess {
  const { key } = config.metrics;
  return key === undefined ? adminAccess(config) : { kind: "key", key, setting: "metrics.key" };
}

/** Returns the host names that only this server is reached by, as requests write them. */
export function ownNames({ names }: Config["tls"]): string[] {
  return names.map((name) => name.toLowerCase());
}
