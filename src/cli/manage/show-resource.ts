import type { JsonObject } from "../../core/json.ts";
import type { Output } from "../output.ts";

/** A column of a table of resources. */
export interface Column {
  readonly title: string;
  /** Returns the text of a cell. */
  readonly of: (resource: JsonObject) => string;
}

/** Prints a list of resources as a table, or as JSON with one whole resource per line. */
export function showList(
  output: Output,
  word: string,
  resources: readonly JsonObject[],
  columns: readonly Column[],
): void {
  if (output.json) {
    for (const resource of resources) output.report(word, resource, "");
    return;
  }
  const rows = [
    columns.map(({ title }) => title),
    ...resources.map((each) => columns.map((column) => column.of(each))),
  ];
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  for (const row of rows) {
    process.stdout.write(
      `${row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join("  ")
        .trimEnd()}\n`,
    );
  }
}

/** Prints a whole resource as JSON. */
export function showOne(output: Output, word: string, resource: JsonObject): void {
  output.report(word, resource, JSON.stringify(resource, undefined, 2));
}

/** Returns a member of a resource's `properties`. */
export function propertyOf(resource: JsonObject, name: string): unknown {
  return (resource["properties"] as JsonObject | undefined)?.[name];
}
