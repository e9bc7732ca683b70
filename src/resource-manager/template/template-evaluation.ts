import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { DeploymentRequest } from "./deployment-request.ts";
import { evaluateLoop, evaluateValue } from "./expressions/evaluate.ts";
import type { Evaluation } from "./expressions/evaluation.ts";
import { checkParameter, declaredParameters, parameterValues } from "./template-parameters.ts";
import { TemplateTypes, typeName } from "./template-types.ts";
import { valueText } from "./expressions/value-text.ts";
import { invalidExpression, invalidTemplate } from "./template-error.ts";

/** The parts of a deployment that an evaluation reads: states of resources, and the remaining budget. */
export type Lookups = Pick<Evaluation, "reference" | "list" | "budget">;

/** The names and values that are visible to the expressions of one template. */
export interface TemplateEvaluation {
  readonly evaluation: Evaluation;
  /** Resolves with all parameters as responses show them, `{name: {type, value}}`, without the values of secrets. */
  readonly parameters: () => Promise<JsonObject>;
}

/**
 * Creates the evaluation of a template with the values of a deployment request. Adds secret parameters to the request's
 * `secrets`.
 */
export function createEvaluation(
  { template, parameters: sent, scope, secrets }: DeploymentRequest,
  lookups: Lookups,
): TemplateEvaluation {
  const types = new TemplateTypes(template, lookups.budget);
  const declarations = declaredParameters(template, types);
  const values = parameterValues(declarations, sent);
  const variables = declaredVariables(template);
  const functions = declaredFunctions(template);
  const parameter = once("parameter", async (key) => {
    const declaration = declarations.find(({ name }) => name.toLowerCase() === key);
    if (declaration === undefined) throw invalidTemplate(`The template parameter '${key}' is not found`);
    const value = values.get(key) ?? (await evaluateValue(declaration.defaultValue ?? null, evaluation));
    types.withoutSecrets(declaration.declaration, lookups.budget.produce(value), (secret) => secrets.add(secret));
    checkParameter(declaration, value);
    return value;
  });
  const variable = once("variable", async (key) => {
    const declared = variables.get(key);
    if (declared === undefined) throw invalidTemplate(`The template variable '${key}' is not found`);
    if (declared.kind === "value") return evaluateValue(declared.value, evaluation);
    const [, elements] = await evaluateLoop(declared.loop, evaluation);
    return elements;
  });
  const evaluation: Evaluation = {
    ...lookups,
    scope,
    parameter,
    variable,
    copyIndex: () => undefined,
    async userFunction(name, args) {
      const declaration = functions.get(name.toLowerCase());
      return declaration && callUserFunction(declaration, name, args, evaluation);
    },
    lambdaVariable: () => undefined,
  };
  async function parameters(): Promise<JsonObject> {
    const shown: [string, JsonValue][] = [];
    for (const { name, type, declaration } of declarations) {
      const value = types.withoutSecrets(declaration, await parameter(name));
      shown.push([name, { type: typeName(type), ...(value === undefined ? {} : { value }) }]);
    }
    return Object.fromEntries(shown);
  }
  return { evaluation, parameters };
}

/** Returns an evaluator that evaluates each name at most once. It rejects for a name that refers to itself. */
function once(kind: string, evaluateNamed: (key: string) => Promise<JsonValue>): (name: string) => Promise<JsonValue> {
  const known = new Map<string, JsonValue>();
  const underWay = new Set<string>();
  return async (name) => {
    const key = name.toLowerCase();
    const value = known.get(key);
    if (value !== undefined) return value;
    if (underWay.has(key)) throw invalidTemplate(`The template ${kind} '${name}' refers to itself`);
    underWay.add(key);
    const evaluated = await evaluateNamed(key);
    underWay.delete(key);
    known.set(key, evaluated);
    return evaluated;
  };
}

/** A variable: a value, or a loop in the member `copy`. */
type DeclaredVariable =
  | { readonly kind: "value"; readonly value: JsonValue }
  | { readonly kind: "loop"; readonly loop: JsonValue };

/** Returns the variables that a template declares, by name in lower case. */
export function declaredVariables({ variables }: JsonObject): ReadonlyMap<string, DeclaredVariable> {
  const declared = new Map<string, DeclaredVariable>();
  if (!isJsonObject(variables)) return declared;
  const { copy, ...values } = variables;
  for (const loop of Array.isArray(copy) ? (copy as JsonArray) : []) {
    if (isJsonObject(loop)) declared.set(valueText(loop["name"] ?? null).toLowerCase(), { kind: "loop", loop });
  }
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) declared.set(name.toLowerCase(), { kind: "value", value });
  }
  if (copy !== undefined && !Array.isArray(copy)) declared.set("copy", { kind: "value", value: copy });
  return declared;
}

/** Returns the functions that a template defines, by `namespace.name` in lower case. */
function declaredFunctions({ functions }: JsonObject): ReadonlyMap<string, JsonObject> {
  const declared = new Map<string, JsonObject>();
  for (const entry of Array.isArray(functions) ? (functions as JsonArray) : []) {
    const { namespace, members } = isJsonObject(entry) ? entry : {};
    if (!isJsonObject(members)) continue;
    for (const [name, declaration] of Object.entries(members)) {
      const key = `${valueText(namespace ?? null)}.${name}`.toLowerCase();
      if (isJsonObject(declaration)) declared.set(key, declaration);
    }
  }
  return declared;
}

/** Calls `namespace.name(…)`, which may use only its own parameters. Source: [ARM-TEMPLATE-FUNCTIONS] */
async function callUserFunction(
  { parameters, output }: JsonObject,
  name: string,
  args: readonly JsonValue[],
  evaluation: Evaluation,
): Promise<JsonValue> {
  const declared = Array.isArray(parameters) ? (parameters as JsonArray) : [];
  const names = declared.map((one) => (isJsonObject(one) ? valueText(one["name"] ?? null).toLowerCase() : ""));
  evaluation.budget.spend(names.length);
  const values = new Map(names.map((parameter, place) => [parameter, args[place]]));
  const mayNot = (feature: string): Promise<never> =>
    Promise.reject(invalidExpression(`The function '${name}' may not use ${feature}`));
  return evaluateValue(isJsonObject(output) ? (output["value"] ?? null) : null, {
    ...evaluation,
    variable: () => mayNot("variables"),
    reference: () => mayNot("the template function 'reference'"),
    list: () => mayNot("list functions"),
    userFunction: () => Promise.resolve(undefined),
    parameter(wanted) {
      const value = values.get(wanted.toLowerCase());
      if (value !== undefined) return Promise.resolve(value);
      return Promise.reject(invalidExpression(`The function '${name}' has no parameter '${wanted}'`));
    },
  });
}
