import { utcParts, type EpochMs } from "../../core/time.ts";

/**
 * Where dead letters of a subscription go that are written now: `NAME/2026/3/9/7/{id}.json`, the name in upper case,
 * date and hour in UTC without leading zeros. Every segment is a plain file name whatever the subscription is called.
 * Source: [EG-DEADLETTER-PATH]
 */
export function deadLetterPath(subscriptionName: string, now: EpochMs, id: string): readonly string[] {
  const { year, month, day, hour } = utcParts(now);
  const date = [year, month, day, hour].map(String);
  return [segment(subscriptionName.toUpperCase()), ...date, `${segment(id)}.json`];
}

/** Subscription names hold letters, digits and hyphens; what got past that must still not lead elsewhere. */
function segment(text: string): string {
  return text.replace(/[^A-Za-z0-9-]/g, "_") || "_";
}
