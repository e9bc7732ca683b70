import type { Budget } from "../../../../core/budget.ts";
import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../../../core/json.ts";
import type { Evaluation } from "../evaluation.ts";
import type { TemplateExpression } from "../expression.ts";
import { invalidExpression } from "../../template-error.ts";
import { templateExcerpt } from "../value-text.ts";

/** Evaluates an expression; handed to lazy functions. */
export type Evaluate = (expression: TemplateExpression, evaluation: Evaluation) => Promise<JsonValue>;

/** A function of the template language. */
export type TemplateFunction =
  | {
      readonly kind: "eager";
      apply(args: readonly JsonValue[], evaluation: Evaluation): JsonValue | Promise<JsonValue>;
    }
  | {
      /** Decides itself which arguments it evaluates. */
      readonly kind: "lazy";
      apply(args: readonly TemplateExpression[], evaluation: Evaluation, evaluate: Evaluate): Promise<JsonValue>;
    };

/** Functions by name in lower case: the language does not regard case. */
export type FunctionTable = Readonly<Record<string, TemplateFunction>>;

type Apply = (args: Arguments, evaluation: Evaluation) => JsonValue | Promise<JsonValue>;

/** A function that takes between `min` and `max` evaluated arguments. */
export function eager(name: string, min: number, max: number, apply: Apply): TemplateFunction {
  return {
    kind: "eager",
    apply(args, evaluation) {
      checkCount(name, args.length, min, max);
      return apply(new Arguments(name, args, evaluation.budget), evaluation);
    },
  };
}

/** Throws unless the number of arguments is in range. */
export function checkCount(name: string, actual: number, min: number, max: number): void {
  if (actual >= min && actual <= max) return;
  const wanted =
    min === max ? `exactly ${min}` : max === Number.POSITIVE_INFINITY ? `at least ${min}` : `${min} to ${max}`;
  throw invalidExpression(`The template function '${name}' expects ${wanted} parameter(s), but ${actual} were given`);
}

/** The arguments of one call, each read as what it must be. Every reader throws `InvalidTemplate`. */
export class Arguments {
  readonly #name: string;
  readonly all: readonly JsonValue[];
  /**
   * The evaluator has charged for one look at all arguments, and charges for the result. A function whose work or
   * result may be larger than its arguments together charges for that itself, before.
   */
  readonly budget: Budget;

  constructor(name: string, all: readonly JsonValue[], budget: Budget) {
    this.#name = name;
    this.all = all;
    this.budget = budget;
  }

  value(index: number): JsonValue {
    return this.all[index] ?? null;
  }

  text(index: number): string {
    const value = this.all[index];
    if (typeof value === "string") return value;
    throw this.wrong(index, "a string");
  }

  optionalText(index: number): string | undefined {
    return this.all[index] === undefined || this.all[index] === null ? undefined : this.text(index);
  }

  integer(index: number): number {
    const value = this.all[index];
    if (typeof value === "number" && Number.isInteger(value)) return value;
    throw this.wrong(index, "an integer");
  }

  optionalInteger(index: number): number | undefined {
    return this.all[index] === undefined ? undefined : this.integer(index);
  }

  boolean(index: number): boolean {
    const value = this.all[index];
    if (typeof value === "boolean") return value;
    throw this.wrong(index, "a boolean");
  }

  array(index: number): JsonArray {
    const value = this.all[index];
    if (Array.isArray(value)) return value as JsonArray;
    throw this.wrong(index, "an array");
  }

  object(index: number): JsonObject {
    const value = this.all[index];
    if (isJsonObject(value)) return value;
    throw this.wrong(index, "an object");
  }

  wrong(index: number, wanted: string): Error {
    return invalidExpression(
      `The template function '${this.#name}' expects its parameter '${index + 1}' to be ${wanted}, not ${templateExcerpt(this.all[index] ?? null)}`,
    );
  }
}
