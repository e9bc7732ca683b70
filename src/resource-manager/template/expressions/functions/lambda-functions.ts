import type { Budget } from "../../../../core/budget.ts";
import { type JsonArray, type JsonValue } from "../../../../core/json.ts";
import type { Evaluation } from "../evaluation.ts";
import type { TemplateExpression } from "../expression.ts";
import { invalidExpression } from "../../template-error.ts";
import { Arguments, checkCount, eager, type Evaluate, type FunctionTable, type TemplateFunction } from "./function.ts";
import { valueText } from "../value-text.ts";

/** Calls a lambda with values for its variables. */
type Lambda = (...values: readonly JsonValue[]) => Promise<JsonValue>;

/** Functions that take lambdas; what Bicep makes of its own. Source: [ARM-TEMPLATE-FUNCTIONS] */
export const LAMBDA_FUNCTIONS: FunctionTable = {
  lambdavariables: eager("lambdaVariables", 1, 1, (args, evaluation) => {
    const value = evaluation.lambdaVariable(args.text(0).toLowerCase());
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
  groupby: overArray("groupBy", async (values, lambda, budget) => {
    const groups = new Map<string, JsonValue[]>();
    for (const value of values) {
      const key = budget.produce(valueText(await lambda(value)));
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [value]);
      else group.push(value);
    }
    return Object.fromEntries(groups);
  }),
  reduce: { kind: "lazy", apply: reduce },
  toobject: { kind: "lazy", apply: toObject },
};

function overArray(
  name: string,
  apply: (values: JsonArray, lambda: Lambda, budget: Budget) => Promise<JsonValue>,
): TemplateFunction {
  return {
    kind: "lazy",
    async apply(args, evaluation, evaluate) {
      checkCount(name, args.length, 2, 2);
      const values = await arrayOf(name, args[0], evaluation, evaluate);
      return apply(values, lambdaOf(name, args[1], evaluation, evaluate), evaluation.budget);
    },
  };
}

/** Sorts by merging: the comparison is a promise, which no built-in sort takes. Equal values keep their order. */
async function sort(values: JsonArray, comesBefore: Lambda): Promise<JsonArray> {
  if (values.length < 2) return values;
  const middle = values.length >> 1;
  const first = await sort(values.slice(0, middle), comesBefore);
  const second = await sort(values.slice(middle), comesBefore);
  const sorted: JsonValue[] = [];
  let taken = 0;
  for (const value of second) {
    for (; taken < first.length; taken += 1) {
      const candidate = first[taken] ?? null;
      if ((await comesBefore(value, candidate)) === true) break;
      sorted.push(candidate);
    }
    sorted.push(value);
  }
  return sorted.concat(first.slice(taken));
}

async function reduce(
  args: readonly TemplateExpression[],
  evaluation: Evaluation,
  evaluate: Evaluate,
): Promise<JsonValue> {
  checkCount("reduce", args.length, 3, 3);
  const values = await arrayOf("reduce", args[0], evaluation, evaluate);
  const lambda = lambdaOf("reduce", args[2], evaluation, evaluate);
  let result = await evaluateArgument(args[1], evaluation, evaluate);
  for (const [index, value] of values.entries()) result = await lambda(result, value, index);
  return result;
}

async function toObject(
  args: readonly TemplateExpression[],
  evaluation: Evaluation,
  evaluate: Evaluate,
): Promise<JsonValue> {
  checkCount("toObject", args.length, 2, 3);
  const keyOf = lambdaOf("toObject", args[1], evaluation, evaluate);
  const valueOf = args[2] === undefined ? undefined : lambdaOf("toObject", args[2], evaluation, evaluate);
  const members: [string, JsonValue][] = [];
  for (const value of await arrayOf("toObject", args[0], evaluation, evaluate)) {
    members.push([
      evaluation.budget.produce(valueText(await keyOf(value))),
      valueOf === undefined ? value : await valueOf(value),
    ]);
  }
  return Object.fromEntries(members);
}

async function arrayOf(
  name: string,
  arg: TemplateExpression | undefined,
  evaluation: Evaluation,
  evaluate: Evaluate,
): Promise<JsonArray> {
  return new Arguments(name, [await evaluateArgument(arg, evaluation, evaluate)], evaluation.budget).array(0);
}

function evaluateArgument(
  arg: TemplateExpression | undefined,
  evaluation: Evaluation,
  evaluate: Evaluate,
): Promise<JsonValue> {
  if (arg === undefined) throw invalidExpression("A parameter is missing");
  return evaluate(arg, evaluation);
}

/** Reads `lambda('x', 'y', …, body)`. */
function lambdaOf(
  name: string,
  arg: TemplateExpression | undefined,
  evaluation: Evaluation,
  evaluate: Evaluate,
): Lambda {
  const body = arg?.kind === "call" && arg.name.toLowerCase() === "lambda" ? arg.args.at(-1) : undefined;
  if (arg?.kind !== "call" || body === undefined) {
    throw invalidExpression(`The template function '${name}' expects a lambda expression`);
  }
  const names = arg.args.slice(0, -1).map((variable) => {
    if (variable.kind === "literal" && typeof variable.value === "string") return variable.value.toLowerCase();
    throw invalidExpression(`The lambda given to '${name}' has a variable that is not a string`);
  });
  const places = new Map(names.map((variable, place) => [variable, place]));
  return (...values) =>
    evaluate(body, {
      ...evaluation,
      lambdaVariable(variable) {
        const place = places.get(variable);
        return place === undefined ? evaluation.lambdaVariable(variable) : (values[place] ?? null);
      },
    });
}
