import { z } from "zod";
import { settingsShape } from "./settings-schema.ts";

/** A setting that environment variables and flags can set. */
export interface SettingPath {
  /** For example `["delivery", "timeoutSeconds"]`. */
  readonly path: readonly string[];
  /** For example `RINGMAIN_DELIVERY_TIMEOUT_SECONDS`. */
  readonly variable: string;
  readonly kind: "string" | "number" | "boolean" | "list";
  readonly description: string;
}

/** All settings, in the order of the schema. */
export const SETTING_PATHS: readonly SettingPath[] = Object.entries(settingsShape).flatMap(([name, schema]) =>
  leaves(schema, [name]),
);

function leaves(schema: z.ZodType, path: readonly string[]): SettingPath[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) {
    return Object.entries(inner.shape).flatMap(([name, member]) => leaves(member as z.ZodType, [...path, name]));
  }
  return [{ path, variable: variableName(path), kind: kindOf(inner), description: schema.description ?? "" }];
}

/** Returns the schema without its defaults and optionality. */
export function unwrap(schema: z.ZodType): z.ZodType {
  let inner: z.ZodType = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodOptional || inner instanceof z.ZodPrefault) {
    inner = inner.unwrap() as z.ZodType;
  }
  return inner;
}

function kindOf(schema: z.ZodType): SettingPath["kind"] {
  if (schema instanceof z.ZodNumber) return "number";
  if (schema instanceof z.ZodBoolean) return "boolean";
  if (schema instanceof z.ZodArray) return "list";
  return "string";
}

function variableName(path: readonly string[]): string {
  const words = path.map((part) => part.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2"));
  return ["RINGMAIN", ...words].join("_").toUpperCase();
}
