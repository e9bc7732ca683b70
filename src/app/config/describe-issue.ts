import { z } from "zod";
import { nearestName } from "../../core/nearest-name.ts";
import { unwrap } from "./setting-paths.ts";

type Issue = z.core.$ZodIssue;

/** Converts an issue of the schema to readable lines: the path, the problem, and the nearest valid name. */
export function describeIssue(schema: z.ZodType, raw: unknown, issue: Issue): string[] {
  const where = formatPath(issue.path);
  if (issue.code === "unrecognized_keys") {
    const valid = validNames(schema, raw, issue.path);
    return issue.keys.map((key) => {
      const nearest = nearestName(key, valid);
      const hint = nearest === undefined ? `valid names: ${valid.join(", ")}` : `did you mean '${nearest}'?`;
      return `${where === "" ? "" : `${where}: `}unknown property '${key}'; ${hint}`;
    });
  }
  if (issue.code === "invalid_union" && "note" in issue && issue.note === "No matching discriminator") {
    const actual = JSON.stringify(valueAt(raw, issue.path)) ?? "nothing";
    const valid = discriminators(schema, raw, issue.path);
    const nearest = nearestName(actual.replaceAll('"', ""), valid);
    const hint = nearest === undefined ? `valid values: ${valid.join(", ")}` : `did you mean '${nearest}'?`;
    return [`${where}: ${actual} is not a valid value; ${hint}`];
  }
  return [`${where === "" ? "" : `${where}: `}${issue.message}`];
}

/** Formats a path as the file's reader would write it, for example `topics[0].subscriptions[1].name`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => {
      if (typeof part === "number") return `[${part}]`;
      return index === 0 ? String(part) : `.${String(part)}`;
    })
    .join("");
}

function validNames(schema: z.ZodType, raw: unknown, path: readonly PropertyKey[]): string[] {
  const found = schemaAt(schema, raw, path);
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

/** Returns the valid values of a union's discriminator; `path` ends with the discriminator. */
function discriminators(schema: z.ZodType, raw: unknown, path: readonly PropertyKey[]): string[] {
  const union = schemaAt(schema, raw, path.slice(0, -1), false);
  if (!(union instanceof z.ZodDiscriminatedUnion)) return [];
  const property = String(path.at(-1));
  return union.options.flatMap((option) => valuesOf((option as z.ZodObject).shape[property] as z.ZodType));
}

function valuesOf(schema: z.ZodType): string[] {
  if (schema instanceof z.ZodLiteral || schema instanceof z.ZodEnum) {
    const values = schema instanceof z.ZodLiteral ? [...schema.values] : schema.options;
    return values.map(String);
  }
  return [];
}

/** Returns the schema at a path. At a union, it chooses the option by the discriminator in the file. */
function schemaAt(schema: z.ZodType, raw: unknown, path: readonly PropertyKey[], choose = true): z.ZodType | undefined {
  let current: z.ZodType | undefined = unwrap(schema);
  let value = raw;
  for (const part of path) {
    if (current instanceof z.ZodDiscriminatedUnion) current = chosenOption(current, value);
    if (current instanceof z.ZodObject) current = current.shape[String(part)] as z.ZodType | undefined;
    else if (current instanceof z.ZodArray) current = current.element as z.ZodType;
    else return undefined;
    if (current === undefined) return undefined;
    current = unwrap(current);
    value = valueAt(value, [part]);
  }
  return choose && current instanceof z.ZodDiscriminatedUnion ? chosenOption(current, value) : current;
}

function chosenOption(union: z.ZodDiscriminatedUnion, value: unknown): z.ZodType | undefined {
  const property = union.def.discriminator;
  const actual = String(valueAt(value, [property]));
  return union.options
    .map((option) => option as z.ZodObject)
    .find((option) => valuesOf(option.shape[property] as z.ZodType).includes(actual));
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== "object" || current === null) return undefined;
    current = (current as Record<PropertyKey, unknown>)[part];
  }
  return current;
}
