import { utcParts, type EpochMs } from "../../core/time.ts";

/**
 * Returns the path of a file with dead letters: `NAME/2026/3/9/7/{id}.json`, with the subscription's name in upper
 * case, and date and hour in UTC without leading zeros. Every segment is a plain file name, whatever the subscription's
 * name is. Source: [EG-DEADLETTER-PATH]
 */
export function deadLetterPath(subscriptionName: string, now: EpochMs, id: string): readonly string[] {
  const { year, month, day, hour } = utcParts(now);
  const date = [year, month, day, hour].map(String);
  return [segment(subscriptionName.toUpperCase()), ...date, `${segment(id)}.json`];
}

/**
 * Returns a safe file name. Subscription names have only letters, digits and hyphens; this is a second line of defense.
 */
function segment(text: string): string {
  return text.replace(/[^A-Za-z0-9-]/g, "_") || "_";
}
