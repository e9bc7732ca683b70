import type { AdvancedFilterDescription, OperatorType } from "../../core/filter/description.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { FilterDescription } from "../../core/resources/resources.ts";
import { given } from "./given.ts";
import type { JsonReader } from "./json-reader.ts";

/** Every operator of an advanced filter. */
export const OPERATORS = [
  "NumberLessThan",
  "NumberLessThanOrEquals",
  "NumberGreaterThan",
  "NumberGreaterThanOrEquals",
  "BoolEquals",
  "NumberIn",
  "NumberNotIn",
  "NumberInRange",
  "NumberNotInRange",
  "StringIn",
  "StringNotIn",
  "StringBeginsWith",
  "StringNotBeginsWith",
  "StringEndsWith",
  "StringNotEndsWith",
  "StringContains",
  "StringNotContains",
  "IsNullOrUndefined",
  "IsNotNull",
] as const;
// Fails to compile when an operator is missing above.
true satisfies [OperatorType] extends [(typeof OPERATORS)[number]] ? true : never;

/** A filter as a body gives it. Operators and fields that do not go together are the rules' business. */
export function writeFilter(body: JsonReader | undefined): FilterDescription {
  if (body === undefined) return {};
  return given({
    includedEventTypes: body.texts("includedEventTypes"),
    subjectBeginsWith: body.text("subjectBeginsWith"),
    subjectEndsWith: body.text("subjectEndsWith"),
    isSubjectCaseSensitive: body.flag("isSubjectCaseSensitive"),
    enableAdvancedFilteringOnArrays: body.flag("enableAdvancedFilteringOnArrays"),
    advancedFilters: body.children("advancedFilters")?.map(writeAdvancedFilter),
  });
}

function writeAdvancedFilter(body: JsonReader): AdvancedFilterDescription {
  const operatorType = body.oneOf("operatorType", OPERATORS);
  const key = body.text("key");
  return given({
    operatorType,
    key,
    value: body.raw("value"),
    values: body.raw("values"),
  }) as AdvancedFilterDescription;
}

/** A filter as it is read, completed as the service completes it. [ARM-DEFAULTS] */
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
