/** Operators that compare with exactly one value. */
export type SingleValueOperator =
  | "NumberLessThan"
  | "NumberLessThanOrEquals"
  | "NumberGreaterThan"
  | "NumberGreaterThanOrEquals"
  | "BoolEquals";

/** Operators that compare with a list. */
export type ListOperator =
  | "NumberIn"
  | "NumberNotIn"
  | "NumberInRange"
  | "NumberNotInRange"
  | "StringIn"
  | "StringNotIn"
  | "StringBeginsWith"
  | "StringNotBeginsWith"
  | "StringEndsWith"
  | "StringNotEndsWith"
  | "StringContains"
  | "StringNotContains";

/** Operators that look only at whether a value is there. */
export type PresenceOperator = "IsNullOrUndefined" | "IsNotNull";

/** Every advanced-filter operator of Event Grid Basic. Source: [EG-FILTER-OPERATORS] */
export type OperatorType = SingleValueOperator | ListOperator | PresenceOperator;

/** One advanced filter, in ARM's form. Source: [EG-FILTER-OPERATORS] */
export type AdvancedFilterDescription =
  | { readonly operatorType: SingleValueOperator; readonly key: string; readonly value: number | boolean }
  | {
      readonly operatorType: ListOperator;
      readonly key: string;
      readonly values: readonly (string | number | readonly [number, number])[];
    }
  | { readonly operatorType: PresenceOperator; readonly key: string };

/** Conditions of an event subscription on the events of its source: all must hold. */
export interface FilterDescription {
  readonly includedEventTypes?: readonly string[];
  readonly subjectBeginsWith?: string;
  readonly subjectEndsWith?: string;
  readonly isSubjectCaseSensitive?: boolean;
  readonly enableAdvancedFilteringOnArrays?: boolean;
  readonly advancedFilters?: readonly AdvancedFilterDescription[];
}
