import type { JsonValue } from "../../../../core/json.ts";
import type { Evaluation } from "../evaluation.ts";
import type { TemplateExpression } from "../expression.ts";
import { same } from "./collection-functions.ts";
import { Arguments, checkCount, eager, type Evaluate, type FunctionTable, type TemplateFunction } from "./function.ts";

const MANY = Number.POSITIVE_INFINITY;

/** Functions on truth values and numbers. Source: [ARM-TEMPLATE-FUNCTIONS] */
export const LOGIC_FUNCTIONS: FunctionTable = {
  and: lazyAll("and", false),
  or: lazyAll("or", true),
  not: eager("not", 1, 1, (args) => !args.boolean(0)),
  if: { kind: "lazy", apply: choose },
  bool: eager("bool", 1, 1, bool),
  true: eager("true", 0, 0, () => true),
  false: eager("false", 0, 0, () => false),
  null: eager("null", 0, 0, () => null),
  equals: eager("equals", 2, 2, (args) => same(args.value(0), args.value(1))),
  greater: eager("greater", 2, 2, (args) => compare(args) > 0),
  greaterorequals: eager("greaterOrEquals", 2, 2, (args) => compare(args) >= 0),
  less: eager("less", 2, 2, (args) => compare(args) < 0),
  lessorequals: eager("lessOrEquals", 2, 2, (args) => compare(args) <= 0),
  add: eager("add", 2, 2, (args) => args.integer(0) + args.integer(1)),
  sub: eager("sub", 2, 2, (args) => args.integer(0) - args.integer(1)),
  mul: eager("mul", 2, 2, (args) => args.integer(0) * args.integer(1)),
  div: eager("div", 2, 2, (args) => Math.trunc(args.integer(0) / divisor(args))),
  mod: eager("mod", 2, 2, (args) => args.integer(0) % divisor(args)),
  int: eager("int", 1, 1, int),
  float: eager("float", 1, 1, (args) => (typeof args.value(0) === "number" ? args.value(0) : number(args))),
};

/** Stops at the first argument whose value is `decides`. */
function lazyAll(name: string, decides: boolean): TemplateFunction {
  return {
    kind: "lazy",
    async apply(args, evaluation, evaluate) {
      checkCount(name, args.length, 1, MANY);
      for (const arg of args) {
        const value = new Arguments(name, [await evaluate(arg, evaluation)], evaluation.budget).boolean(0);
        if (value === decides) return decides;
      }
      return !decides;
    },
  };
}

/** Evaluates only the branch that is taken. */
async function choose(
  args: readonly TemplateExpression[],
  evaluation: Evaluation,
  evaluate: Evaluate,
): Promise<JsonValue> {
  checkCount("if", args.length, 3, 3);
  const [condition, then, otherwise] = args as readonly [TemplateExpression, TemplateExpression, TemplateExpression];
  const holds = new Arguments("if", [await evaluate(condition, evaluation)], evaluation.budget).boolean(0);
  return evaluate(holds ? then : otherwise, evaluation);
}

function bool(args: Arguments): boolean {
  const value = args.value(0);
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return value !== 0;
  if (/^(?:true|1)$/i.test(args.text(0))) return true;
  if (/^(?:false|0)$/i.test(args.text(0))) return false;
  throw args.wrong(0, "a truth value");
}

function compare(args: Arguments): number {
  const [one, other] = [args.value(0), args.value(1)];
  if (typeof one === "number") return one - args.integer(1);
  const [first, second] = [args.text(0), args.text(1)];
  if (first === second) return 0;
  return typeof other === "string" && first < second ? -1 : 1;
}

function divisor(args: Arguments): number {
  const value = args.integer(1);
  if (value !== 0) return value;
  throw args.wrong(1, "other than zero");
}

function int(args: Arguments): number {
  const value = typeof args.value(0) === "number" ? (args.value(0) as number) : number(args);
  return Math.trunc(value);
}

function number(args: Arguments): number {
  const value = Number(args.text(0).trim() || Number.NaN);
  if (Number.isFinite(value)) return value;
  throw args.wrong(0, "a number");
}
