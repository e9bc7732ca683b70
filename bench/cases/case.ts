import { measure, type Effort, type Measurement } from "../measurement/measure.ts";
import type { Scenario } from "../measurement/scenario.ts";
import { joinReports, reportOf, type Figure, type Report } from "../report/report.ts";

/** A case that can be selected by name on the command line. */
export interface Case {
  readonly run: (effort: Effort) => Promise<Report>;
  /** Unset if the case cannot compare two builds. */
  readonly scenarios?: () => Promise<readonly Scenario[]>;
}

/** Returns a case that measures scenarios one after another, and adds figures calculated from all of them. */
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
