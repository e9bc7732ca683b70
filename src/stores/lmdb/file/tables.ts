/** The databases in the data file, in an order that the log keeps. What each holds is told in `docs/store-backends.md`. */
export const TABLES = ["meta", "queues", "removed", "deliveries", "events", "sharing", "resources", "ended"] as const;

/** The name of a database in the data file. */
export type TableName = (typeof TABLES)[number];

/** Whether a text is the name of a database of the data file. */
export function isTableName(text: string): text is TableName {
  return (TABLES as readonly string[]).includes(text);
}
