import type { OperatorTaking } from "./operators.ts";

/** One advanced filter, in the form of ARM. Source: [EG-FILTER-OPERATORS] */
export type AdvancedFilterDescription =
  | {
      readonly operatorType: OperatorTaking<"number" | "boolean">;
      readonly key: string;
      readonly value: number | boolean;
    }
  | {
      readonly operatorType: OperatorTaking<"numbers" | "ranges" | "strings">;
      readonly key: string;
      readonly values: readonly (string | number | readonly [number, number])[];
    }
  | { readonly operatorType: OperatorTaking<"none">; readonly key: string };

/** Conditions of an event subscription on the events of its source. All of them must hold. */
export interface FilterDescription {
  readonly includedEventTypes?: readonly string[];
  readonly subjectBeginsWith?: string;
  readonly subjectEndsWith?: string;
  readonly isSubjectCaseSensitive?: boolean;
  readonly enableAdvancedFilteringOnArrays?: boolean;
  readonly advancedFilters?: readonly AdvancedFilterDescription[];
}
