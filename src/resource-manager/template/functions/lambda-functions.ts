import { type JsonArray, type JsonValue } from "../../../core/json.ts";
import type { Evaluation } from "../evaluation.ts";
import type { Expression } from "../expression.ts";
import { invalidExpression } from "../template-error.ts";
import { Arguments, checkCount, eager, type Evaluate, type FunctionTable, type TemplateFunction } from "./function.ts";
import { textOf } from "../text-of.ts";

/** Calls a lambda with values for its variables. */
type Lambda = (...values: readonly JsonValue[]) => Promise<JsonValue>;

/** Functions that take lambdas; what Bicep makes of its own. Source: [ARM-TEMPLATE-FUNCTIONS] */
export const LAMBDA_FUNCTIONS: FunctionTable = {
  lambdavariables: eager("lambdaVariables", 1, 1, (args, evaluation) => {
    const value = evaluation.lambdaVariables.get(args.text(0).toLowerCase());
    if (value !== undefined) return value;
    throw invalidExpression(`The lambda variable '${args.text(0)}' is not found`);
  }),
  map: overArray("map", async (values, lambda) => {
    const mapped: JsonValue[] = [];
    for (const [index, value] of values.entries()) mapped.push(await lambda(value, index));
    return mapped;
  }),
  filter: overArray("filter", async (values, lambda) => {
    const kept: JsonValue[] = [];
    for (const [index, value] of values.entries()) if ((await lambda(value, index)) === true) kept.push(value);
    return kept;
  }),
  sort: overArray("sort", sort),
  groupby: overArray("groupBy", async (values, lambda) => {
    const groups = new Map<string, JsonValue[]>();
    for (const value of values) {
      const key = textOf(await lambda(value));
      groups.set(key, [...(groups.get(key) ?? []), value]);
    }
    return Object.fromEntries(groups);
  }),
  reduce: { kind: "lazy", apply: reduce },
  toobject: { kind: "lazy", apply: toObject },
};

function overArray(name: string, apply: (values: JsonArray, lambda: Lambda) => Promise<JsonValue>): TemplateFunction {
  return {
    kind: "lazy",
    async apply(args, evaluation, evaluate) {
      checkCount(name, args.length, 2, 2);
      return apply(await arrayOf(name, args[0], evaluation, evaluate), lambdaOf(name, args[1], evaluation, evaluate));
    },
  };
}

/** Insertion by halves: the comparison is a promise, which no built-in sort takes. */
async function sort(values: JsonArray, comesBefore: Lambda): Promise<JsonValue> {
  const sorted: JsonValue[] = [];
  for (const value of values) {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((await comesBefore(value, sorted[middle] ?? null)) === true) high = middle;
      else low = middle + 1;
    }
    sorted.splice(low, 0, value);
  }
  return sorted;
}

async function reduce(args: readonly Expression[], evaluation: Evaluation, evaluate: Evaluate): Promise<JsonValue> {
  checkCount("reduce", args.length, 3, 3);
  const values = await arrayOf("reduce", args[0], evaluation, evaluate);
  const lambda = lambdaOf("reduce", args[2], evaluation, evaluate);
  let result = await evaluateGiven(args[1], evaluation, evaluate);
  for (const [index, value] of values.entries()) result = await lambda(result, value, index);
  return result;
}

async function toObject(args: readonly Expression[], evaluation: Evaluation, evaluate: Evaluate): Promise<JsonValue> {
  checkCount("toObject", args.length, 2, 3);
  const keyOf = lambdaOf("toObject", args[1], evaluation, evaluate);
  const valueOf = args[2] === undefined ? undefined : lambdaOf("toObject", args[2], evaluation, evaluate);
  const members: [string, JsonValue][] = [];
  for (const value of await arrayOf("toObject", args[0], evaluation, evaluate)) {
    members.push([textOf(await keyOf(value)), valueOf === undefined ? value : await valueOf(value)]);
  }
  return Object.fromEntries(members);
}

async function arrayOf(
  name: string,
  arg: Expression | undefined,
  evaluation: Evaluation,
  evaluate: Evaluate,
): Promise<JsonArray> {
  return new Arguments(name, [await evaluateGiven(arg, evaluation, evaluate)]).array(0);
}

function evaluateGiven(arg: Expression | undefined, evaluation: Evaluation, evaluate: Evaluate): Promise<JsonValue> {
  if (arg === undefined) throw invalidExpression("A parameter is missing");
  return evaluate(arg, evaluation);
}

/** Reads `lambda('x', 'y', …, body)`. */
function lambdaOf(name: string, arg: Expression | undefined, evaluation: Evaluation, evaluate: Evaluate): Lambda {
  const body = arg?.kind === "call" && arg.name.toLowerCase() === "lambda" ? arg.args.at(-1) : undefined;
  if (arg?.kind !== "call" || body === undefined) {
    throw invalidExpression(`The template function '${name}' expects a lambda expression`);
  }
  const names = arg.args.slice(0, -1).map((variable) => {
    if (variable.kind === "literal" && typeof variable.value === "string") return variable.value.toLowerCase();
    throw invalidExpression(`The lambda given to '${name}' has a variable that is not a string`);
  });
  return (...values) => {
    const variables = new Map(evaluation.lambdaVariables);
    for (const [index, variable] of names.entries()) variables.set(variable, values[index] ?? null);
    return evaluate(body, { ...evaluation, lambdaVariables: variables });
  };
}
