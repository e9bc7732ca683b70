import type { Config } from "../config/schema.ts";

/** Settings that a running server applies when the file changes. */
const APPLIED_WHILE_RUNNING: ReadonlySet<keyof Config> = new Set([
  "topics",
  "domains",
  "systemTopics",
  "partnerNamespaces",
  "partnerDestinations",
  "connections",
  "roleAssignments",
] as const);

/** Returns the names of the changed settings that take effect only at the next start, in the order of the file. */
export function settingsThatNeedRestart(before: Config, after: Config): string[] {
  const names = Object.keys(after) as (keyof Config)[];
  return names.filter((name) => {
    if (APPLIED_WHILE_RUNNING.has(name)) return false;
    return JSON.stringify(fixedPart(before[name])) !== JSON.stringify(fixedPart(after[name]));
  });
}

/** Returns storage accounts without their subscriptions, which change while the server runs. */
function fixedPart(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((entry: object) => ({ ...entry, subscriptions: undefined }));
}
