import type { JsonObject, JsonValue } from "../../core/json.ts";
import {
  Expression,
  isExtension,
  ParameterReference,
  parentOf,
  ResourceReference,
  type ExportedTemplate,
  type TemplateParameter,
  type TemplateResource,
  type TemplateValue,
} from "./template-value.ts";

const SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";

/** Returns a template as an ARM template. */
export function armTemplate({ parameters, resources }: ExportedTemplate): JsonObject {
  const declared = new Set(resources.map(({ id }) => id.key));
  return {
    $schema: SCHEMA,
    contentVersion: "1.0.0.0",
    parameters: Object.fromEntries(parameters.map((each) => [each.name, parameter(each)])),
    resources: resources.map((each) => resource(each, declared)),
  };
}

function parameter({ type, description, defaultValue }: TemplateParameter): JsonObject {
  return {
    type,
    ...(defaultValue === undefined ? {} : { defaultValue: armValue(defaultValue) }),
    metadata: { description },
  };
}

/** Returns a resource of an ARM template. It depends only on resources that the template declares. */
function resource(described: TemplateResource, declared: ReadonlySet<string>): JsonObject {
  const { id, apiVersion, comment, scope, dependsOn, body } = described;
  const parent = isExtension(described) ? scope : parentOf(id);
  const needed = [...(parent === undefined ? [] : [parent]), ...dependsOn].filter(({ key }) => declared.has(key));
  return {
    type: id.type,
    apiVersion,
    name: literal(id.names.join("/")),
    ...(comment === undefined ? {} : { comments: comment }),
    ...(scope === undefined ? {} : { scope: literal(`${scope.type}/${scope.names.join("/")}`) }),
    ...(needed.length === 0 ? {} : { dependsOn: needed.map(armValue) }),
    ...(armValue(body) as JsonObject),
  };
}

function armValue(value: TemplateValue): JsonValue {
  if (typeof value === "string") return literal(value);
  if (value instanceof ParameterReference) return `[parameters(${quoted(value.name)})]`;
  if (value instanceof ResourceReference) return `[${resourceIdCall(value, quoted)}]`;
  if (value instanceof Expression) return `[${value.text}]`;
  if (Array.isArray(value)) return (value as readonly TemplateValue[]).map(armValue);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, armValue(member)]));
}

/** Returns the function call that computes an id, with strings quoted by `quote`. */
export function resourceIdCall({ type, names, group }: ResourceReference, quote: (text: string) => string): string {
  const words = [...(group === undefined ? [] : [group]), type, ...names];
  return `resourceId(${words.map(quote).join(", ")})`;
}

/** Escapes a text that looks like an expression, by doubling its bracket. */
function literal(text: string): string {
  return /^\[(?:\[|[^]*\]$)/.test(text) ? `[${text}` : text;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
