import type { AdminAccess } from "../http/admin-only.ts";
import type { Config } from "./config/schema.ts";

/** A key where one is configured; without one, development serves this machine and production nobody. */
export function adminAccess({ adminKey, mode }: Pick<Config, "adminKey" | "mode">): AdminAccess {
  if (adminKey !== undefined) return { kind: "key", key: adminKey };
  return { kind: mode === "dev" ? "local" : "nobody" };
}
