import { Budget, type BudgetLimits } from "../../core/budget.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { invalidTemplate } from "./template-error.ts";

/** Limits on what a template declares, which are Resource Manager's own. Source: [ARM-TEMPLATE-LIMITS] */
export const TEMPLATE_LIMITS = {
  parameters: 256,
  /** Loops of variables included. */
  variables: 256,
  outputs: 64,
  /** Those made by loops included. */
  resources: 800,
  /** Rounds of one loop. */
  copies: 800,
  /** The number in the service's own error message; its documents still say 24,576. */
  expressionChars: 81_920,
  /** Of a template's resources, and of its outputs, as JSON with everything in it evaluated. */
  expandedBytes: 4_194_304,
} as const;

/**
 * What evaluating one deployment may use, nested deployments included: enough for any template that Resource Manager
 * takes and that people write. Source: [ARM-TEMPLATE-BUDGET]
 */
export const EVALUATION_LIMITS: BudgetLimits = {
  steps: 5_000_000,
  bytes: 96 * 1_048_576,
  // 4 MiB as JSON, even of small objects.
  valueBytes: 24 * 1_048_576,
  depth: 1_000,
};

/** Work that sending one resource makes for the rest of the program, in steps. */
export const STEPS_PER_RESOURCE = 1_000;

/** Returns what one deployment may use. */
export function createTemplateBudget(limits: BudgetLimits = EVALUATION_LIMITS): Budget {
  return new Budget(limits, (limit, allowed) => invalidTemplate(PROBLEMS[limit](allowed)));
}

const PROBLEMS: Readonly<Record<keyof BudgetLimits, (allowed: number) => string>> = {
  steps: (allowed) => `The evaluation of the template exceeds the limit of '${allowed}' steps`,
  bytes: (allowed) => `The values of the template exceed the limit of '${allowed}' bytes in total`,
  valueBytes: (allowed) => `A value of the template exceeds the limit of '${allowed}' bytes`,
  depth: (allowed) => `The template is nested more than '${allowed}' levels deep`,
};

/** Throws when a template declares more than Resource Manager takes. Source: [ARM-TEMPLATE-LIMITS] */
export function checkDeclared({ parameters, variables, outputs, resources }: JsonObject): void {
  checkNumber("parameters", countOf(parameters));
  checkNumber("variables", countOfVariables(variables));
  checkNumber("outputs", countOf(outputs));
  checkNumber("resources", countOf(resources));
}

/** Throws when there are too many of what a template declares. */
export function checkNumber(of: "parameters" | "variables" | "outputs" | "resources", actual: number): void {
  const limit = TEMPLATE_LIMITS[of];
  if (actual <= limit) return;
  throw invalidTemplate(
    `The number of template ${of} limit exceeded. Limit: '${limit}' and actual: '${actual}'. Please see https://aka.ms/arm-template/#${of} for usage details.`,
  );
}

/** Adds what something evaluated takes as JSON to a sum. Throws when the sum is more than Resource Manager takes. */
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
