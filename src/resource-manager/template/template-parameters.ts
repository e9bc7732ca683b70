import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../core/json.ts";
import { keyOf } from "./expressions/functions/collection-functions.ts";
import { TemplateError } from "./template-error.ts";
import type { TemplateTypes } from "./template-types.ts";

/** Declaration of a template parameter. */
export interface ParameterDeclaration {
  readonly name: string;
  /** Type in lower case. */
  readonly type: string;
  /** Whether values are secrets. */
  readonly isSecure: boolean;
  /** The merged declarations of the parameter and its type. */
  readonly declaration: JsonObject;
  readonly defaultValue: JsonValue | undefined;
  readonly nullable: boolean;
}

const CHECKS: Readonly<Record<string, (value: JsonValue) => boolean>> = {
  string: (value) => typeof value === "string",
  securestring: (value) => typeof value === "string",
  int: (value) => typeof value === "number" && Number.isInteger(value),
  bool: (value) => typeof value === "boolean",
  array: (value) => Array.isArray(value),
  object: isJsonObject,
  secureobject: isJsonObject,
};

/** Returns the parameters that a template declares. */
export function declaredParameters(template: JsonObject, types: TemplateTypes): readonly ParameterDeclaration[] {
  const declared = template["parameters"];
  if (!isJsonObject(declared)) return [];
  return Object.entries(declared).map(([name, parameter]) => {
    const { type, isSecure, declaration } = types.resolve(parameter);
    if (!Object.hasOwn(CHECKS, type)) {
      throw invalidParameters(
        `Template parameter '${name}' has an invalid type '${JSON.stringify(declaration["type"])}'`,
      );
    }
    const { defaultValue, nullable } = declaration;
    return { name, type, isSecure, declaration, defaultValue, nullable: nullable === true };
  });
}

/**
 * Returns the values in a deployment's parameters, `{name: {value}}`, by name in lower case. Throws if a parameter is
 * unknown, or one without a default value is missing. Source: [ARM-TEMPLATE-PARAMETERS]
 */
export function parameterValues(
  declarations: readonly ParameterDeclaration[],
  sent: JsonObject,
): ReadonlyMap<string, JsonValue> {
  const values = new Map<string, JsonValue>();
  for (const [name, parameter] of Object.entries(sent)) {
    const declaration = declarations.find((known) => known.name.toLowerCase() === name.toLowerCase());
    if (declaration === undefined) {
      const names = declarations.map((known) => known.name).join(", ");
      throw invalidParameters(
        `The following parameters were supplied, but do not correspond to any parameters defined in the template: '${name}'. The parameters defined in the template are: '${names}'`,
      );
    }
    values.set(declaration.name.toLowerCase(), valueOf(declaration, parameter));
  }
  for (const { name, defaultValue, nullable } of declarations) {
    if (defaultValue !== undefined || nullable || values.has(name.toLowerCase())) continue;
    throw invalidParameters(`The value for the template parameter '${name}' is not provided`);
  }
  return values;
}

function valueOf({ name }: ParameterDeclaration, parameter: JsonValue | undefined): JsonValue {
  if (isJsonObject(parameter) && parameter["value"] !== undefined) return parameter["value"];
  if (isJsonObject(parameter) && parameter["reference"] !== undefined) {
    throw invalidParameters(`The template parameter '${name}' refers to a key vault, which is not supported`);
  }
  throw invalidParameters(`The value for the template parameter '${name}' is not provided`);
}

/** Throws if a value, even a default value, does not match its declaration. Source: [ARM-TEMPLATE-PARAMETERS] */
export function checkParameter(
  { name, type, isSecure, declaration, nullable }: ParameterDeclaration,
  value: JsonValue,
): void {
  if (value === null && nullable) return;
  if (CHECKS[type]?.(value) !== true) {
    throw invalidParameters(
      `Template parameter JToken type is not valid. Expected '${type}'. Actual '${typeOf(value)}'. The parameter is '${name}'`,
    );
  }
  const { allowedValues } = declaration;
  if (Array.isArray(allowedValues) && !isAllowed(allowedValues as JsonArray, value)) {
    if (isSecure) throw invalidParameters(`The provided value for the template parameter '${name}' is not allowed`);
    const allowed = (allowedValues as JsonArray)
      .map((one) => JSON.stringify(one))
      .join(",")
      .slice(0, MAX_SHOWN_CHARS);
    throw invalidParameters(
      `The provided value for the template parameter '${name}' is not valid. The value is not part of the allowed value(s): '${allowed}'`,
    );
  }
  checkBounds(name, declaration, value);
}

/** Most characters of the allowed values in an error. */
const MAX_SHOWN_CHARS = 4_000;

function isAllowed(allowed: JsonArray, value: JsonValue): boolean {
  const keys = new Set(allowed.map(keyOf));
  if (keys.has(keyOf(value))) return true;
  return Array.isArray(value) && (value as JsonArray).every((part) => keys.has(keyOf(part)));
}

function checkBounds(name: string, declaration: JsonObject, value: JsonValue): void {
  const { minLength, maxLength, minValue, maxValue } = declaration;
  const length = typeof value === "string" || Array.isArray(value) ? value.length : undefined;
  const size = typeof value === "number" ? value : undefined;
  for (const [bound, actual, low, high] of [
    ["length", length, minLength, maxLength],
    ["value", size, minValue, maxValue],
  ] as const) {
    if (actual === undefined) continue;
    if (typeof low === "number" && actual < low) {
      throw invalidParameters(
        `The ${bound} of the template parameter '${name}' is ${actual}; at least ${low} is needed`,
      );
    }
    if (typeof high === "number" && actual > high) {
      throw invalidParameters(
        `The ${bound} of the template parameter '${name}' is ${actual}; at most ${high} is allowed`,
      );
    }
  }
}

function typeOf(value: JsonValue): string {
  if (value === null) return "Null";
  if (Array.isArray(value)) return "Array";
  const type = typeof value === "number" && !Number.isInteger(value) ? "float" : typeof value;
  return { string: "String", number: "Integer", float: "Float", boolean: "Boolean" }[type as string] ?? "Object";
}

function invalidParameters(problem: string): TemplateError {
  return new TemplateError(
    "InvalidTemplate",
    `Deployment template validation failed: '${problem}. Please see https://aka.ms/arm-pass-parameter-values for usage details.'.`,
  );
}
