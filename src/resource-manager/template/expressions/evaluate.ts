import type { Budget } from "../../../core/budget.ts";
import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../../core/json.ts";
import { foldCase } from "../../../core/filter/fold-case.ts";
import { isExpression, parseExpression, unescapeText, type TemplateExpression } from "./expression.ts";
import type { Evaluation } from "./evaluation.ts";
import { FUNCTIONS } from "./functions/index.ts";
import { templateExcerpt } from "./value-text.ts";
import { spelledCopy } from "../template-spelling.ts";
import { TEMPLATE_LIMITS } from "../template-limits.ts";
import { invalidExpression, invalidTemplate } from "../template-error.ts";

/**
 * Evaluates every expression within a value of a template; member names too. Charges the budget for each value that
 * comes into being. Source: [ARM-TEMPLATE-EXPRESSIONS]
 */
export async function evaluateValue(value: JsonValue, evaluation: Evaluation): Promise<JsonValue> {
  if (typeof value === "string") return evaluateText(value, evaluation);
  const { budget } = evaluation;
  if (typeof value !== "object" || value === null) return budget.produce(value);
  budget.enter();
  try {
    const evaluated = Array.isArray(value)
      ? await evaluateElements(value as JsonArray, evaluation)
      : await evaluateMembers(value as JsonObject, evaluation);
    return budget.produce(evaluated);
  } finally {
    budget.leave();
  }
}

async function evaluateElements(values: JsonArray, evaluation: Evaluation): Promise<JsonArray> {
  const elements: JsonValue[] = [];
  for (const value of values) elements.push(await evaluateValue(value, evaluation));
  return elements;
}

async function evaluateMembers(value: JsonObject, evaluation: Evaluation): Promise<JsonObject> {
  const members: [string, JsonValue][] = [];
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    if (foldCase(name) === "COPY" && Array.isArray(member)) {
      for (const loop of member as JsonArray) members.push(await evaluateLoop(loop, evaluation));
      continue;
    }
    const evaluatedName = await evaluateText(name, evaluation);
    if (typeof evaluatedName !== "string") throw invalidExpression(`The member name '${name}' is not a string`);
    members.push([evaluatedName, await evaluateValue(member, evaluation)]);
  }
  return Object.fromEntries(members);
}

/** Evaluates `{name, count, input}`: a member whose value is an array with one element for each round. */
export async function evaluateLoop(loop: JsonValue, evaluation: Evaluation): Promise<[string, JsonValue]> {
  const { name, count, input } = isJsonObject(loop) ? spelledCopy(loop, evaluation.budget) : {};
  if (typeof name !== "string" || count === undefined || input === undefined) {
    throw invalidTemplate("A 'copy' needs a name, a count and an input");
  }
  const rounds = await evaluateCount(count, evaluation, name);
  const elements: JsonValue[] = [];
  for (let round = 0; round < rounds; round += 1) {
    elements.push(await evaluateValue(input, withLoop(evaluation, name, round)));
  }
  return [name, evaluation.budget.produce(elements)];
}

/** Evaluates how often something is copied. */
export async function evaluateCount(count: JsonValue, evaluation: Evaluation, loop: string): Promise<number> {
  const limit = TEMPLATE_LIMITS.copies;
  const rounds = await evaluateValue(count, evaluation);
  if (typeof rounds === "number" && Number.isInteger(rounds) && rounds >= 0 && rounds <= limit) return rounds;
  throw invalidTemplate(
    `The template 'copy' definition '${loop}' has an invalid copy count. The copy count must be a non-negative integer value and cannot exceed '${limit}'. Please see https://aka.ms/arm-copy for usage details.`,
  );
}

/** The same evaluation, within one round of a loop. */
export function withLoop(evaluation: Evaluation, loop: string, round: number): Evaluation {
  return {
    ...evaluation,
    copyIndex: (wanted) =>
      wanted === undefined || wanted.toLowerCase() === loop.toLowerCase() ? round : evaluation.copyIndex(wanted),
  };
}

/** Evaluates a string of a template: an expression, or the text it is. */
export async function evaluateText(text: string, evaluation: Evaluation): Promise<JsonValue> {
  const { budget } = evaluation;
  budget.spendOn([text]);
  return isExpression(text) ? evaluate(parseExpression(text), evaluation) : budget.produce(unescapeText(text));
}

/** Evaluates what must be a string. `what` names it in the error. */
export async function evaluateString(value: JsonValue, evaluation: Evaluation, what: string): Promise<string> {
  const evaluated = await evaluateValue(value, evaluation);
  if (typeof evaluated === "string") return evaluated;
  throw invalidExpression(`The ${what} must be a string, not ${templateExcerpt(evaluated)}`);
}

/** Evaluates an expression, charging the budget for the work and for what comes of it. */
export async function evaluate(expression: TemplateExpression, evaluation: Evaluation): Promise<JsonValue> {
  const { budget } = evaluation;
  budget.enter();
  try {
    return budget.produce(await valueOf(expression, evaluation));
  } finally {
    budget.leave();
  }
}

async function valueOf(expression: TemplateExpression, evaluation: Evaluation): Promise<JsonValue> {
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "call":
      return call(expression.name, expression.args, evaluation);
    case "member": {
      const of = await evaluate(expression.of, evaluation);
      return select(of, expression.name, expression.safe, evaluation.budget);
    }
    case "element": {
      const of = await evaluate(expression.of, evaluation);
      return select(of, await evaluate(expression.index, evaluation), expression.safe, evaluation.budget);
    }
    default:
      return expression satisfies never;
  }
}

async function call(name: string, args: readonly TemplateExpression[], evaluation: Evaluation): Promise<JsonValue> {
  const builtIn = FUNCTIONS.get(name.toLowerCase());
  if (builtIn?.kind === "lazy") return builtIn.apply(args, evaluation, evaluate);
  const values: JsonValue[] = [];
  for (const arg of args) values.push(await evaluate(arg, evaluation));
  // Most functions look at all of their arguments.
  evaluation.budget.spendOn(values);
  if (builtIn !== undefined) return builtIn.apply(values, evaluation);
  if (/^list\w*$/i.test(name)) return callList(name, values, evaluation);
  const answer = await evaluation.userFunction(name, values);
  if (answer !== undefined) return answer;
  throw invalidExpression(`The template function '${name}' is not valid`);
}

/** `listKeys(id, apiVersion, body?)`, and whatever else begins with `list`. */
function callList(name: string, values: readonly JsonValue[], evaluation: Evaluation): Promise<JsonValue> {
  const [target, apiVersion, body] = values;
  if (typeof target !== "string" || typeof apiVersion !== "string") {
    throw invalidExpression(`The template function '${name}' needs a resource id or name, and an api-version`);
  }
  return evaluation.list(name, target, apiVersion, body);
}

/** Members go by name without regard to case, as Resource Manager has it. */
function select(of: JsonValue, key: JsonValue, safe: boolean, budget: Budget): JsonValue {
  if (typeof key === "number" && Array.isArray(of)) {
    const element = (of as readonly JsonValue[])[key];
    if (element !== undefined) return element;
    if (safe) return null;
    throw invalidExpression(`The language expression property array index '${key}' is out of bounds`);
  }
  if (typeof key === "string" && isJsonObject(of)) {
    const name = memberName(of, key, budget);
    if (name !== undefined) return of[name] ?? null;
    if (safe) return null;
    const names = Object.keys(of).join(", ").slice(0, MAX_NAMES_CHARS);
    throw invalidExpression(
      `The language expression property '${key}' doesn't exist, available properties are '${names}'`,
    );
  }
  if (safe && of === null) return null;
  throw invalidExpression(`The language expression property '${templateExcerpt(key)}' can't be evaluated`);
}

/** Of the names that an error lists. */
const MAX_NAMES_CHARS = 1_000;

function memberName(of: JsonObject, name: string, budget: Budget): string | undefined {
  if (Object.hasOwn(of, name)) return name;
  budget.spendOn([of]);
  return Object.keys(of).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
}
