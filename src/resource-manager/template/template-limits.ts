import { Budget, type BudgetLimits } from "../../core/budget.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { invalidTemplate } from "./template-error.ts";

/** Resource Manager's limits on templates. Source: [ARM-TEMPLATE-LIMITS] */
export const TEMPLATE_LIMITS = {
  parameters: 256,
  /** Including loops. */
  variables: 256,
  outputs: 64,
  /** Including resources created by loops. */
  resources: 800,
  /** Rounds of one loop. */
  copies: 800,
  /** The limit in the service's error message; its documentation still says 24,576. */
  expressionChars: 81_920,
  /** Size of a template's evaluated resources, and of its evaluated parameters and outputs, as JSON. */
  expandedBytes: 4_194_304,
} as const;

/**
 * Limits on the evaluation of one deployment, including nested deployments: enough for every realistic template that
 * Resource Manager accepts. Source: [ARM-TEMPLATE-BUDGET]
 */
export const EVALUATION_LIMITS: BudgetLimits = {
  steps: 5_000_000,
  bytes: 96 * 1_048_576,
  // Allows 4 MiB of JSON, even if it consists of small objects.
  valueBytes: 24 * 1_048_576,
  depth: 1_000,
};

/** Steps charged for writing one resource, which causes work outside the evaluation. */
export const STEPS_PER_RESOURCE = 1_000;

/** Returns the budget of one deployment. */
export function createTemplateBudget(limits: BudgetLimits = EVALUATION_LIMITS): Budget {
  return new Budget(limits, (limit, allowed) => invalidTemplate(PROBLEMS[limit](allowed)));
}

const PROBLEMS: Readonly<Record<keyof BudgetLimits, (allowed: number) => string>> = {
  steps: (allowed) => `The evaluation of the template exceeds the limit of '${allowed}' steps`,
  bytes: (allowed) => `The values of the template exceed the limit of '${allowed}' bytes in total`,
  valueBytes: (allowed) => `A value of the template exceeds the limit of '${allowed}' bytes`,
  depth: (allowed) => `The template is nested more than '${allowed}' levels deep`,
};

/** Throws if a template declares more than Resource Manager accepts. Source: [ARM-TEMPLATE-LIMITS] */
export function checkDeclared({ parameters, variables, outputs, resources }: JsonObject): void {
  checkNumber("parameters", countOf(parameters));
  checkNumber("variables", countOfVariables(variables));
  checkNumber("outputs", countOf(outputs));
  checkNumber("resources", countOf(resources));
}

/** Throws if a template declares too many items of a kind. */
export function checkNumber(of: "parameters" | "variables" | "outputs" | "resources", actual: number): void {
  const limit = TEMPLATE_LIMITS[of];
  if (actual <= limit) return;
  throw invalidTemplate(
    `The number of template ${of} limit exceeded. Limit: '${limit}' and actual: '${actual}'. Please see https://aka.ms/arm-template/#${of} for usage details.`,
  );
}

/** Adds the JSON size of an evaluated value to a sum. Throws if the sum exceeds Resource Manager's limit. */
export function addExpanded(sum: number, evaluated: JsonValue): number {
  const limit = TEMPLATE_LIMITS.expandedBytes;
  const expanded = sum + Buffer.byteLength(JSON.stringify(evaluated));
  if (expanded <= limit) return expanded;
  throw invalidTemplate(`The size of the template with everything evaluated exceeds the limit of '${limit}' bytes`);
}

function countOf(declared: JsonValue | undefined): number {
  if (Array.isArray(declared)) return declared.length;
  return isJsonObject(declared) ? Object.keys(declared).length : 0;
}

function countOfVariables(variables: JsonValue | undefined): number {
  if (!isJsonObject(variables)) return 0;
  const { copy, ...others } = variables;
  return countOf(others) + (copy === undefined ? 0 : Array.isArray(copy) ? copy.length : 1);
}
