import type { JsonObject } from "../../core/json.ts";
import type { Output } from "../output.ts";

/** A column of a list for people. */
export interface Column {
  readonly title: string;
  readonly of: (resource: JsonObject) => string;
}

/** Prints a list: a table for people, else each resource whole. */
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

/** Prints one resource whole. */
export function showOne(output: Output, word: string, resource: JsonObject): void {
  output.report(word, resource, JSON.stringify(resource, undefined, 2));
}

/** A member of a resource's properties. */
export function propertyOf(resource: JsonObject, name: string): unknown {
  return (resource["properties"] as JsonObject | undefined)?.[name];
}
