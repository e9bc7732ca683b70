import { measure, type Effort, type Measurement } from "../measurement/measure.ts";
import type { Scenario } from "../measurement/scenario.ts";
import { joinReports, reportOf, type Figure, type Report } from "../report/report.ts";

/** One name on the command line. */
export interface Case {
  readonly run: (effort: Effort) => Promise<Report>;
  /** Unset where two builds cannot be compared by it. */
  readonly scenarios?: () => Promise<readonly Scenario[]>;
}

/** Returns a case that measures scenarios, one after the other, and adds figures calculated from all of them. */
export function caseOf(
  scenarios: () => readonly Scenario[] | Promise<readonly Scenario[]>,
  calculate: (measurements: readonly Measurement[]) => readonly Figure[] = () => [],
): Case {
  return {
    scenarios: async () => scenarios(),
    run: async (effort) => {
      const measurements: Measurement[] = [];
      for (const scenario of await scenarios()) measurements.push(await measure(scenario, effort));
      return joinReports([...measurements.map(reportOf), { figures: calculate(measurements), usages: [] }]);
    },
  };
}
