/**
 * The databases in the data file, described in `docs/store-backends.md`. The log contains their indexes, so their order
 * must not change.
 */
export const TABLES = ["meta", "queues", "removed", "deliveries", "events", "sharing", "resources", "ended"] as const;

/** The name of a database in the data file. */
export type TableName = (typeof TABLES)[number];

/** Returns whether a text is the name of a database in the data file. */
export function isTableName(text: string): text is TableName {
  return (TABLES as readonly string[]).includes(text);
}
