import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Budget } from "../../core/budget.ts";
import { foldCase } from "../../core/filter/fold-case.ts";

const MEMBERS_PER_STEP = 8;

/** Spelling of the names in one part of a template. Other names there are the author's own. */
class Spelling {
  /** The spelling of each name and of the part below it, by folded name. */
  readonly names: ReadonlyMap<string, readonly [name: string, within: (() => Spelling) | undefined]>;
  /** The spelling of the part below each of the author's own names, and of each array element. */
  readonly each: (() => Spelling) | undefined;

  constructor(names: Readonly<Record<string, (() => Spelling) | undefined>>, each?: () => Spelling) {
    this.names = new Map(Object.entries(names).map(([name, within]) => [foldCase(name), [name, within]]));
    this.each = each;
  }
}

/** Returns names without further known names below them. */
function plain(...names: readonly string[]): Readonly<Record<string, undefined>> {
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

const TYPES = new Spelling({}, () => TYPE);
const TYPE_NAMES = {
  ...plain("$ref", "type", "nullable", "allowedValues", "minLength", "maxLength", "minValue", "maxValue"),
  ...plain("metadata", "sealed"),
  properties: () => TYPES,
  additionalProperties: (): Spelling => TYPE,
  items: (): Spelling => TYPE,
  prefixItems: () => TYPES,
  discriminator: () => DISCRIMINATOR,
};
const TYPE: Spelling = new Spelling(TYPE_NAMES);
const DISCRIMINATOR = new Spelling({ propertyName: undefined, mapping: () => TYPES });
const COPY = new Spelling(plain("name", "count", "mode", "batchSize", "input"));
const COPIES = new Spelling({}, () => COPY);
const PARAMETER = new Spelling({ ...TYPE_NAMES, defaultValue: undefined });
const PARAMETERS = new Spelling({}, () => PARAMETER);
const VARIABLES = new Spelling({ copy: () => COPIES });
const FUNCTION_PARAMETER = new Spelling({ ...TYPE_NAMES, name: undefined });
const FUNCTION_PARAMETERS = new Spelling({}, () => FUNCTION_PARAMETER);
const FUNCTION_OUTPUT = new Spelling({ ...TYPE_NAMES, value: undefined });
const FUNCTION = new Spelling({ parameters: () => FUNCTION_PARAMETERS, output: () => FUNCTION_OUTPUT });
const FUNCTIONS_BY_NAME = new Spelling({}, () => FUNCTION);
const NAMESPACE = new Spelling({ namespace: undefined, members: () => FUNCTIONS_BY_NAME });
const NAMESPACES = new Spelling({}, () => NAMESPACE);
const RESOURCE: Spelling = new Spelling({
  ...plain("type", "name", "apiVersion", "comments", "condition", "dependsOn", "existing", "metadata", "scope"),
  ...plain("location", "properties", "resourceGroup", "subscriptionId"),
  copy: () => COPY,
  resources: () => RESOURCES,
});
const RESOURCES = new Spelling({}, () => RESOURCE);
const OUTPUT = new Spelling({ ...TYPE_NAMES, ...plain("value", "condition"), copy: () => COPY });
const OUTPUTS = new Spelling({}, () => OUTPUT);
const TEMPLATE = new Spelling({
  ...plain("$schema", "contentVersion", "languageVersion", "apiProfile", "metadata"),
  definitions: () => TYPES,
  parameters: () => PARAMETERS,
  variables: () => VARIABLES,
  functions: () => NAMESPACES,
  resources: () => RESOURCES,
  outputs: () => OUTPUTS,
});
const VALUE = new Spelling(plain("value", "reference"));
const VALUES = new Spelling({}, () => VALUE);
const EVALUATION_OPTIONS = new Spelling(plain("scope"));
const NESTED = new Spelling({
  ...plain("mode", "template", "templateLink"),
  parameters: () => VALUES,
  expressionEvaluationOptions: () => EVALUATION_OPTIONS,
});

/**
 * Returns a template in which the names of the language have their own spelling, whatever their case was. [ARM-CASE]
 */
export function spelledTemplate(template: JsonObject, budget: Budget): JsonObject {
  return spelledObject(template, TEMPLATE, budget);
}

/** Respells the properties of a nested deployment, except for its template, which is respelled on its own. */
export function spelledDeployment(properties: JsonObject, budget: Budget): JsonObject {
  return spelledObject(properties, NESTED, budget);
}

/** Respells a `copy`. */
export function spelledCopy(copy: JsonObject, budget: Budget): JsonObject {
  return spelledObject(copy, COPY, budget);
}

function spelledValue(value: JsonValue, spelling: Spelling, budget: Budget): JsonValue {
  if (isJsonObject(value)) return spelledObject(value, spelling, budget);
  const { each } = spelling;
  if (!Array.isArray(value) || each === undefined) return value;
  return (value as JsonArray).map((element) => spelledValue(element, each(), budget));
}

function spelledObject(object: JsonObject, { names, each }: Spelling, budget: Budget): JsonObject {
  const entries = Object.entries(object);
  budget.spend(1 + entries.length / MEMBERS_PER_STEP);
  return Object.fromEntries(
    entries.map(([sent, value = null]) => {
      const [name, within] = names.get(foldCase(sent)) ?? [sent, each];
      return [name, within === undefined ? value : spelledValue(value, within(), budget)] as const;
    }),
  );
}
