import type { PublishedEvent } from "../../../src/core/event.ts";
import type { AdvancedFilterDescription, FilterDescription } from "../../../src/core/filter/description.ts";
import type { OperatorType } from "../../../src/core/filter/operators.ts";
import type { JsonValue } from "../../../src/core/json.ts";

// The rules of filters again, without index, table or sharing: each as one reads it in docs/wire-rules.md.

/** One condition of a filter as the plain reading judges it. */
export interface PlainVerdict {
  readonly field: string;
  readonly found: JsonValue | undefined;
  readonly matched: boolean;
}

/** Returns whether an event passes a filter. */
export function plainlyMatches(filter: FilterDescription, published: PublishedEvent): boolean {
  for (const { matched } of plainVerdicts(filter, published)) if (!matched) return false;
  return true;
}

/** Yields the verdict on each condition of a filter, in the order of its description. */
export function* plainVerdicts(filter: FilterDescription, published: PublishedEvent): Generator<PlainVerdict> {
  const { type, subject } = published.envelope;
  const types = filter.includedEventTypes ?? [];
  if (types.length > 0) {
    const matched = types.some((wanted) => lower(wanted) === lower(type));
    yield { field: "includedEventTypes", found: type, matched };
  }
  const cased = (text: string): string => (filter.isSubjectCaseSensitive === true ? text : lower(text));
  const { subjectBeginsWith: begins = "", subjectEndsWith: ends = "" } = filter;
  if (begins !== "") {
    const matched = subject !== undefined && cased(subject).startsWith(cased(begins));
    yield { field: "subjectBeginsWith", found: subject, matched };
  }
  if (ends !== "") {
    const matched = subject !== undefined && cased(subject).endsWith(cased(ends));
    yield { field: "subjectEndsWith", found: subject, matched };
  }
  for (const [index, advanced] of (filter.advancedFilters ?? []).entries()) {
    const { found, attribute } = plainValue(advanced.key, published);
    const arrays = filter.enableAdvancedFilteringOnArrays === true;
    const matched = plainlyHolds(advanced, found, { attribute, arrays });
    yield { field: `advancedFilters[${index}]`, found, matched };
  }
}

/** One operator as the rules say it. */
interface PlainOperator {
  /** The type of values that it compares; `undefined` for one that only asks whether there is a value. */
  readonly compares: "number" | "boolean" | "string" | undefined;
  readonly hits: (value: JsonValue, wanted: unknown) => boolean;
  /** Passes when nothing hits. */
  readonly not?: true;
  /** Passes where there is nothing to compare. */
  readonly absent?: true;
}

const numbers = (hits: (value: number, wanted: number) => boolean): PlainOperator => ({
  compares: "number",
  hits: (value, wanted) => typeof value === "number" && typeof wanted === "number" && hits(value, wanted),
});
const texts = (hits: (value: string, wanted: string) => boolean): PlainOperator => ({
  compares: "string",
  hits: (value, wanted) => typeof value === "string" && typeof wanted === "string" && hits(lower(value), lower(wanted)),
});
const isIn = numbers((value, wanted) => value === wanted);
const isInRange: PlainOperator = {
  compares: "number",
  hits: (value, wanted) =>
    typeof value === "number" && Array.isArray(wanted) && value >= wanted[0] && value <= wanted[1],
};
const isText = texts((value, wanted) => value === wanted);
const begins = texts((value, wanted) => value.indexOf(wanted) === 0);
const ends = texts(
  (value, wanted) => value.length >= wanted.length && value.slice(value.length - wanted.length) === wanted,
);
const contains = texts((value, wanted) => value.includes(wanted));
const exists: PlainOperator = { compares: undefined, hits: () => true };

const RULES: Readonly<Record<OperatorType, PlainOperator>> = {
  NumberLessThan: numbers((value, wanted) => value < wanted),
  NumberLessThanOrEquals: numbers((value, wanted) => value <= wanted),
  NumberGreaterThan: numbers((value, wanted) => value > wanted),
  NumberGreaterThanOrEquals: numbers((value, wanted) => value >= wanted),
  BoolEquals: { compares: "boolean", hits: (value, wanted) => value === wanted },
  NumberIn: isIn,
  NumberNotIn: { ...isIn, not: true, absent: true },
  NumberInRange: isInRange,
  NumberNotInRange: { ...isInRange, not: true },
  StringIn: isText,
  StringNotIn: { ...isText, not: true, absent: true },
  StringBeginsWith: begins,
  StringNotBeginsWith: { ...begins, not: true },
  StringEndsWith: ends,
  StringNotEndsWith: { ...ends, not: true },
  StringContains: contains,
  StringNotContains: { ...contains, not: true },
  IsNullOrUndefined: { ...exists, not: true, absent: true },
  IsNotNull: exists,
};

function plainlyHolds(
  filter: AdvancedFilterDescription,
  found: JsonValue | undefined,
  { attribute, arrays }: { readonly attribute: boolean; readonly arrays: boolean },
): boolean {
  const { compares, hits, not = false, absent = false } = RULES[filter.operatorType];
  if (compares === undefined) return found === undefined || found === null ? absent : !not;
  const wanted: readonly unknown[] = "values" in filter ? filter.values : "value" in filter ? [filter.value] : [];
  let candidates: readonly JsonValue[];
  if (Array.isArray(found)) {
    if (!arrays) return absent;
    candidates = found.filter((element) => typeof element === compares);
  } else {
    const asText = attribute && compares === "string" && (typeof found === "number" || typeof found === "boolean");
    const scalar = asText ? `${found}` : found;
    if (scalar === undefined || typeof scalar !== compares) return absent;
    candidates = [scalar];
  }
  const hit = candidates.some((candidate) => wanted.some((one) => hits(candidate, one)));
  return not ? !hit : hit;
}

function plainValue(
  key: string,
  { body, envelope }: PublishedEvent,
): { found: JsonValue | undefined; attribute: boolean } {
  const [first = "", ...rest] = key.split(".");
  if (lower(first) === "data") {
    let value: JsonValue | undefined = envelope.schema === "CustomEventSchema" ? body : body["data"];
    for (const name of rest) value = plainMember(value, name);
    return { found: value, attribute: false };
  }
  if (rest.length > 0) return { found: undefined, attribute: false };
  if (envelope.schema === "CloudEventSchemaV1_0") return { found: plainMember(body, first), attribute: true };
  const fields: Record<string, string | undefined> = {
    id: envelope.id,
    topic: envelope.topic,
    subject: envelope.subject,
    eventtype: envelope.type,
    dataversion: envelope.dataVersion,
  };
  return { found: fields[lower(first)], attribute: false };
}

function plainMember(value: JsonValue | undefined, name: string): JsonValue | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const members = new Map(Object.entries(value));
  if (members.has(name)) return members.get(name);
  for (const [member, found] of members) if (lower(member) === lower(name)) return found;
  return undefined;
}

function lower(text: string): string {
  return text.toLowerCase();
}
