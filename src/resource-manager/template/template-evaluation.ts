import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../core/json.ts";
import { evaluateLoop, evaluateValue, type DeploymentScope, type Evaluation } from "./evaluation.ts";
import { checkParameter, declaredParameters, isSecureType, typeName } from "./template-parameters.ts";
import { textOf } from "./text-of.ts";
import { invalidExpression, invalidTemplate } from "./template-error.ts";

/** How references and lists are answered. */
export type Lookups = Pick<Evaluation, "reference" | "list">;

/** What expressions of one template see. */
export interface TemplateEvaluation {
  readonly evaluation: Evaluation;
  /** All parameters as answers show them, `{name: {type, value}}`; secrets without their values. */
  readonly parameters: () => Promise<JsonObject>;
}

/** Binds expressions to a template, the values given for its parameters (by name in lower case), and the rest. */
export function createEvaluation(
  template: JsonObject,
  given: ReadonlyMap<string, JsonValue>,
  scope: DeploymentScope,
  lookups: Lookups,
): TemplateEvaluation {
  const declarations = declaredParameters(template);
  const parameter = once("parameter", async (key) => {
    const declaration = declarations.find(({ name }) => name.toLowerCase() === key);
    if (declaration === undefined) throw invalidTemplate(`The template parameter '${key}' is not found`);
    const value = given.get(key) ?? (await evaluateValue(declaration.defaultValue ?? null, evaluation));
    checkParameter(template, declaration, value);
    return value;
  });
  const variable = once("variable", (key) => evaluateVariable(template, key, evaluation));
  const evaluation: Evaluation = {
    ...lookups,
    scope,
    parameter,
    variable,
    copyIndex: () => undefined,
    userFunction: (name, args) => callUserFunction(template, name, args, evaluation),
    lambdaVariables: new Map(),
  };
  async function parameters(): Promise<JsonObject> {
    const shown: [string, JsonValue][] = [];
    for (const { name, type } of declarations) {
      const value = await parameter(name);
      shown.push([name, { type: typeName(type), ...(isSecureType(type) ? {} : { value }) }]);
    }
    return Object.fromEntries(shown);
  }
  return { evaluation, parameters };
}

/** Evaluates each name at most once; a name that needs itself is refused. */
function once(what: string, evaluateNamed: (key: string) => Promise<JsonValue>): (name: string) => Promise<JsonValue> {
  const known = new Map<string, JsonValue>();
  const underWay = new Set<string>();
  return async (name) => {
    const key = name.toLowerCase();
    const value = known.get(key);
    if (value !== undefined) return value;
    if (underWay.has(key)) throw invalidTemplate(`The template ${what} '${name}' refers to itself`);
    underWay.add(key);
    const evaluated = await evaluateNamed(key);
    underWay.delete(key);
    known.set(key, evaluated);
    return evaluated;
  };
}

async function evaluateVariable(template: JsonObject, key: string, evaluation: Evaluation): Promise<JsonValue> {
  const variables = isJsonObject(template["variables"]) ? template["variables"] : {};
  const name = Object.keys(variables).find((candidate) => candidate.toLowerCase() === key);
  const value = name === undefined ? undefined : variables[name];
  if (value !== undefined) return evaluateValue(value, evaluation);
  const loops = Array.isArray(variables["copy"]) ? (variables["copy"] as JsonArray) : [];
  const loop = loops.find((one) => isJsonObject(one) && textOf(one["name"] ?? null).toLowerCase() === key);
  if (loop === undefined) throw invalidTemplate(`The template variable '${key}' is not found`);
  const [, elements] = await evaluateLoop(loop, evaluation);
  return elements;
}

/** `namespace.name(…)`, which sees nothing but its own parameters. Source: [ARM-TEMPLATE-FUNCTIONS] */
async function callUserFunction(
  template: JsonObject,
  name: string,
  args: readonly JsonValue[],
  evaluation: Evaluation,
): Promise<JsonValue | undefined> {
  const namespaces = Array.isArray(template["functions"]) ? (template["functions"] as JsonArray) : [];
  const [namespace, member] = name.split(".");
  const found = namespaces.find(
    (one) => isJsonObject(one) && textOf(one["namespace"] ?? null).toLowerCase() === namespace?.toLowerCase(),
  );
  const members = isJsonObject(found) ? found["members"] : undefined;
  const declaration = isJsonObject(members) && member !== undefined ? members[member] : undefined;
  if (!isJsonObject(declaration)) return undefined;
  const declared = Array.isArray(declaration["parameters"]) ? (declaration["parameters"] as JsonArray) : [];
  const names = declared.map((one) => (isJsonObject(one) ? textOf(one["name"] ?? null).toLowerCase() : ""));
  const output = isJsonObject(declaration["output"]) ? (declaration["output"]["value"] ?? null) : null;
  return evaluateValue(output, {
    ...evaluation,
    variable: () => Promise.reject(invalidExpression(`The function '${name}' may not use variables`)),
    parameter(wanted) {
      const value = args[names.indexOf(wanted.toLowerCase())];
      if (value !== undefined) return Promise.resolve(value);
      return Promise.reject(invalidExpression(`The function '${name}' has no parameter '${wanted}'`));
    },
  });
}
