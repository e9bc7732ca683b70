import { resourceIdCall } from "./print-arm.ts";
import { Identifiers } from "./identifiers.ts";
import {
  Expression,
  idsIn,
  isExtension,
  ParameterReference,
  parentOf,
  ResourceReference,
  type ExportedTemplate,
  type TemplateObject,
  type TemplateParameter,
  type TemplateResource,
  type TemplateValue,
} from "./template-value.ts";

/** Symbolic names, by the key of the resource. */
type Symbols = ReadonlyMap<string, string>;

/** Keywords, and functions that the file calls: a resource with such a name would hide them. */
const RESERVED = ["true", "false", "null", "json", "resourceGroup", "resourceId", "subscription"];

/** Returns a template as a Bicep file. */
export function bicepFile({ parameters, resources }: ExportedTemplate): string {
  const taken = new Identifiers([...RESERVED, ...parameters.map(({ name }) => name)]);
  const symbols: Symbols = new Map(resources.map(({ id, scope }) => [symbolKey(id, scope), symbolOf(id, taken)]));
  const blocks = [
    ...parameters.map(parameter),
    ...resources.map((each) => resource(each, symbols.get(symbolKey(each.id, each.scope)) ?? "", symbols)),
  ];
  return `${blocks.join("\n\n")}\n`;
}

/** Returns the key of a resource's symbolic name. Extensions of different resources may have the same name. */
function symbolKey(id: ResourceReference, scope: ResourceReference | undefined): string {
  return scope === undefined ? id.key : `${scope.key}|${id.key}`;
}

function symbolOf({ names }: ResourceReference, taken: Identifiers): string {
  return taken.make(names.join("-"));
}

function parameter({ name, type, description, defaultValue }: TemplateParameter): string {
  return [
    `@description(${quoted(description)})`,
    ...(type === "securestring" ? ["@secure()"] : []),
    `param ${name} string${defaultValue === undefined ? "" : ` = ${printed(defaultValue, "", new Map())}`}`,
  ].join("\n");
}

function resource(described: TemplateResource, symbol: string, symbols: Symbols): string {
  const { id, apiVersion, comment, scope, dependsOn, body } = described;
  const parent = isExtension(described) ? undefined : parentOf(id);
  const declared = parent === undefined ? undefined : symbols.get(parent.key);
  const name = parent === undefined || declared !== undefined ? (id.names.at(-1) ?? "") : id.names.join("/");
  // A use of a symbolic name already implies the dependency.
  const named = new Set(idsIn(body).map((each) => each.key));
  const needed = dependsOn.flatMap((each) => (named.has(each.key) ? [] : (symbols.get(each.key) ?? [])));
  const lines = [
    ...(declared === undefined ? [] : [`  parent: ${declared}`]),
    ...(scope === undefined ? [] : [`  scope: ${symbols.get(scope.key) ?? ""}`]),
    `  name: ${quoted(name)}`,
    ...members(body, "  ", symbols),
    ...(needed.length === 0 ? [] : [`  dependsOn: [\n${needed.map((each) => `    ${each}\n`).join("")}  ]`]),
  ];
  const note = comment === undefined ? "" : `// ${comment}\n`;
  return `${note}resource ${symbol} '${id.type}@${apiVersion}' = {\n${lines.join("\n")}\n}`;
}

function members(object: TemplateObject, indent: string, symbols: Symbols): string[] {
  return Object.entries(object).map(([name, value]) => `${indent}${key(name)}: ${printed(value, indent, symbols)}`);
}

function printed(value: TemplateValue, indent: string, symbols: Symbols): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number") return number(value);
  if (value instanceof ParameterReference) return value.name;
  if (value instanceof ResourceReference) {
    const symbol = symbols.get(value.key);
    return symbol === undefined ? resourceIdCall(value, quoted) : `${symbol}.id`;
  }
  if (value instanceof Expression) return value.text;
  if (typeof value !== "object" || value === null) return String(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items = (value as readonly TemplateValue[]).map((item) => `${inner}${printed(item, inner, symbols)}`);
    return items.length === 0 ? "[]" : `[\n${items.join("\n")}\n${indent}]`;
  }
  const lines = members(value as TemplateObject, inner, symbols);
  return lines.length === 0 ? "{}" : `{\n${lines.join("\n")}\n${indent}}`;
}

/** Returns a number. Bicep has only integer literals; other numbers are parsed from JSON. */
function number(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : `json(${quoted(String(value))})`;
}

function key(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : quoted(name);
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Returns a Bicep string. `${` is escaped, because it would begin an interpolation. */
function quoted(text: string): string {
  const escaped = text
    .replace(/[\\'\n\r\t]/g, (character) => ESCAPES[character] ?? character)
    .replaceAll("${", "\\${")
    // Other control characters have no short escape.
    // oxlint-disable-next-line no-control-regex
    .replace(/[\u0000-\u001f\u007f]/g, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`);
  return `'${escaped}'`;
}
