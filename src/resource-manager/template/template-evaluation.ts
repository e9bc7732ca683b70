import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { DeploymentRequest } from "./deployment-request.ts";
import { evaluateLoop, evaluateValue } from "./expressions/evaluate.ts";
import type { Evaluation } from "./expressions/evaluation.ts";
import { checkParameter, declaredParameters, givenParameters } from "./template-parameters.ts";
import { TemplateTypes, typeName } from "./template-types.ts";
import { valueText } from "./expressions/value-text.ts";
import { invalidExpression, invalidTemplate } from "./template-error.ts";

/** The parts of a deployment that an evaluation reads: the states of resources, and the budget that is left. */
export type Lookups = Pick<Evaluation, "reference" | "list" | "budget">;

/** The names and values that expressions of one template see. */
export interface TemplateEvaluation {
  readonly evaluation: Evaluation;
  /** All parameters as answers show them, `{name: {type, value}}`; secrets without their values. */
  readonly parameters: () => Promise<JsonObject>;
}

/**
 * Binds expressions to a template, the values given for its parameters, and the rest.
 *
 * @param secrets is told of each secret among the parameters
 */
export function createEvaluation(
  { template, parameters: sent, scope, secrets }: DeploymentRequest,
  lookups: Lookups,
): TemplateEvaluation {
  const types = new TemplateTypes(template, lookups.budget);
  const declarations = declaredParameters(template, types);
  const given = givenParameters(declarations, sent);
  const variables = declaredVariables(template);
  const functions = declaredFunctions(template);
  const parameter = once("parameter", async (key) => {
    const declaration = declarations.find(({ name }) => name.toLowerCase() === key);
    if (declaration === undefined) throw invalidTemplate(`The template parameter '${key}' is not found`);
    const value = given.get(key) ?? (await evaluateValue(declaration.defaultValue ?? null, evaluation));
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

/** A variable is a value, or a loop: an entry of the member `copy`. */
type DeclaredVariable =
  | { readonly kind: "value"; readonly value: JsonValue }
  | { readonly kind: "loop"; readonly loop: JsonValue };

/** The variables that a template declares, by name in lower case. */
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

/** The functions that a template defines, by `namespace.name` in lower case. */
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

/** Calls `namespace.name(…)`, which sees nothing but its own parameters. Source: [ARM-TEMPLATE-FUNCTIONS] */
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
  const mayNot = (what: string): Promise<never> =>
    Promise.reject(invalidExpression(`The function '${name}' may not use ${what}`));
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
