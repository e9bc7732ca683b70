import { comparandsOf, filterProblems } from "../filter/check-filter.ts";
import { quotaLimits, type QuotaLimits } from "../limits.ts";
import { invalid, type ResourceProblem } from "./problem.ts";
import type { FilterDescription } from "../resources/resources.ts";

/**
 * Returns the problems of the filter of a subscription. Limits are checked only if the structure is valid.
 *
 * @param relaxed whether the raised limits on numbers and lengths apply
 * Source: [EG-FILTER-SHAPE], [EG-FILTER-LIMIT]
 */
export function filterRules(filter: FilterDescription, field: string, relaxed: boolean): readonly ResourceProblem[] {
  const shapes = filterProblems(filter).map((problem) => invalid(`${field}.${problem.field}`, problem.message));
  if (shapes.length > 0) return shapes;
  return [...emptyLists(filter, field), ...limitProblems(filter, field, quotaLimits(relaxed))];
}

/**
 * Returns a problem for each list without values, which would let either no event or every event pass: a mistake in
 * both cases.
 */
function emptyLists(filter: FilterDescription, field: string): readonly ResourceProblem[] {
  return (filter.advancedFilters ?? []).flatMap((advanced, index) => {
    if (!("values" in advanced) || advanced.values.length > 0) return [];
    const path = `${field}.advancedFilters[${index}].values`;
    return [invalid(path, `${advanced.operatorType} needs at least one value.`)];
  });
}

/**
 * Returns the problems of numbers and lengths. A range counts as one value; an operator without a value counts as
 * none. [EG-FILTER-LIMIT]
 */
function limitProblems(filter: FilterDescription, field: string, limits: QuotaLimits): readonly ResourceProblem[] {
  const advanced = filter.advancedFilters ?? [];
  const path = `${field}.advancedFilters`;
  const problems: ResourceProblem[] = [];
  if (advanced.length > limits.advancedFilters) {
    const message = `The maximum number of advanced filters allowed on an event subscription is ${limits.advancedFilters}; there are ${advanced.length}.`;
    problems.push(invalid(path, message));
  }
  let values = 0;
  for (const [index, entry] of advanced.entries()) {
    const read = comparandsOf(entry, path);
    const comparands = read.kind === "comparands" ? read.comparands : [];
    values += comparands.length;
    for (const [at, comparand] of comparands.entries()) {
      if (typeof comparand !== "string" || comparand.length <= limits.filterValueChars) continue;
      const message = `A string value of an advanced filter has at most ${limits.filterValueChars} characters; this one has ${comparand.length}.`;
      problems.push(invalid(`${path}[${index}].values[${at}]`, message));
    }
  }
  if (values > limits.advancedFilterValues) {
    const message = `The maximum number of values allowed on an advanced filter is ${limits.advancedFilterValues}, counted over all advanced filters of the event subscription; there are ${values}.`;
    problems.push(invalid(path, message));
  }
  return problems;
}
