import type { AdvancedFilterDescription } from "../../core/filter/description.ts";
import { OPERATOR_TYPES } from "../../core/filter/operators.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { FilterDescription } from "../../core/resources/resources.ts";
import { flag, json, arrayOf, object, oneOf, text, type Member, type ObjectMember } from "./members.ts";

const ADVANCED_FILTER = object({ operatorType: oneOf(OPERATOR_TYPES), key: text, value: json, values: json });

/** A filter of an event subscription. The resource rules check that operators and fields fit together. */
export const FILTER: ObjectMember<FilterDescription> = object({
  includedEventTypes: arrayOf(text),
  subjectBeginsWith: text,
  subjectEndsWith: text,
  isSubjectCaseSensitive: flag,
  enableAdvancedFilteringOnArrays: flag,
  advancedFilters: arrayOf(ADVANCED_FILTER as Member<AdvancedFilterDescription>),
});

/** Returns a filter as clients see it, with the service's defaults. [ARM-DEFAULTS] */
export function readFilter(filter: FilterDescription): JsonObject {
  const { isSubjectCaseSensitive, enableAdvancedFilteringOnArrays, advancedFilters } = filter;
  return {
    subjectBeginsWith: filter.subjectBeginsWith ?? "",
    subjectEndsWith: filter.subjectEndsWith ?? "",
    includedEventTypes: filter.includedEventTypes ?? null,
    ...(isSubjectCaseSensitive === true ? { isSubjectCaseSensitive } : {}),
    ...(enableAdvancedFilteringOnArrays === undefined ? {} : { enableAdvancedFilteringOnArrays }),
    ...(advancedFilters === undefined
      ? {}
      : { advancedFilters: advancedFilters.map((each): JsonValue => ({ ...each })) }),
  };
}
