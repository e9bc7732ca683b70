import { DEAD_LETTER_KINDS, DEAD_LETTER_TYPES } from "../../core/destinations/dead-letter.ts";
import { DESTINATION_KINDS, ENDPOINT_TYPES, type EndpointType } from "../../core/destinations/index.ts";
import { closeNames } from "../../core/catalogue/choose-event.ts";
import { OPERATOR_TYPES, OPERATORS, type ComparandForm, type OperatorType } from "../../core/filter/operators.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { ExitError } from "../exit-error.ts";

/** Flags of an event subscription, with the names of `az eventgrid event-subscription`. */
export interface SubscriptionFlags {
  readonly endpoint?: string;
  readonly endpointType?: string;
  readonly includedEventTypes?: readonly string[];
  readonly subjectBeginsWith?: string;
  readonly subjectEndsWith?: string;
  readonly subjectCaseSensitive?: boolean;
  readonly advancedFilter?: readonly string[];
  readonly enableAdvancedFilteringOnArrays?: boolean;
  readonly deliveryAttributeMapping?: readonly string[];
  readonly eventDeliverySchema?: string;
  readonly maxDeliveryAttempts?: number;
  readonly eventTtl?: number;
  readonly deadletterEndpoint?: string;
  readonly maxEventsPerBatch?: number;
  readonly preferredBatchSizeInKilobytes?: number;
  readonly expirationDate?: string;
  readonly labels?: readonly string[];
}

/** Endpoint types of the API, by the names that `az` uses. */
const ENDPOINT_WORDS: Readonly<Record<string, EndpointType>> = Object.fromEntries(
  ENDPOINT_TYPES.map((type) => [type.toLowerCase(), type]),
);

/** Kinds of dead-letter destinations that the server accepts from clients. */
const OFFERED_DEAD_LETTERS = DEAD_LETTER_TYPES.filter((type) => !DEAD_LETTER_KINDS[type].declaredOnly);

const DELIVERY_SCHEMAS: Readonly<Record<string, string>> = {
  eventgridschema: "EventGridSchema",
  custominputschema: "CustomInputSchema",
  cloudeventschemav1_0: "CloudEventSchemaV1_0",
};

/** Values and help texts of flags that are derived from tables. */
interface FlagWords {
  /** Help of `--endpoint`. */
  readonly endpoint: string;
  readonly endpointTypes: readonly string[];
  /** Help of `--deadletter-endpoint`. */
  readonly deadLetterEndpoint: string;
  readonly deliverySchemas: readonly string[];
}

/** Values and help texts of an event subscription's flags. */
export const FLAG_WORDS: FlagWords = {
  endpoint: `destination: ${endpointWords().join(", ")}`,
  endpointTypes: Object.keys(ENDPOINT_WORDS),
  deadLetterEndpoint: `dead-letter destination: ${deadLetterNouns().join(" or ")}`,
  deliverySchemas: Object.keys(DELIVERY_SCHEMAS),
};

function deadLetterNouns(): string[] {
  return OFFERED_DEAD_LETTERS.map((type) => DEAD_LETTER_KINDS[type].called);
}

function endpointWords(): string[] {
  return [...new Set(ENDPOINT_TYPES.flatMap((type) => DESTINATION_KINDS[type].endpoint?.words ?? []))];
}

/**
 * Returns the properties that the flags set, merged with existing ones. Throws an {@link ExitError} for invalid flags.
 */
export function subscriptionProperties(flags: SubscriptionFlags, before: JsonObject = {}): JsonObject {
  const filter = filterOf(flags);
  const retryPolicy = definedMembers({
    maxDeliveryAttempts: flags.maxDeliveryAttempts,
    eventTimeToLiveInMinutes: flags.eventTtl,
  });
  const destination = destinationOf(flags, before["destination"]);
  return (
    definedMembers({
      destination,
      filter: filter && { ...(before["filter"] as JsonObject | undefined), ...filter },
      retryPolicy: retryPolicy && { ...(before["retryPolicy"] as JsonObject | undefined), ...retryPolicy },
      eventDeliverySchema:
        flags.eventDeliverySchema && known("--event-delivery-schema", DELIVERY_SCHEMAS, flags.eventDeliverySchema),
      deadLetterDestination:
        flags.deadletterEndpoint === undefined ? undefined : deadLetterOf(flags.deadletterEndpoint),
      expirationTimeUtc: flags.expirationDate,
      labels: flags.labels,
    }) ?? {}
  );
}

/** Returns the API's value for a flag's case-insensitive value. Throws an {@link ExitError} for an invalid value. */
export function known<Value extends string>(
  flag: string,
  values: Readonly<Record<string, Value>>,
  value: string,
): Value {
  const word = value.toLowerCase();
  const found = Object.hasOwn(values, word) ? values[word] : undefined;
  if (found !== undefined) return found;
  throw new ExitError(2, [`${flag}: '${value}' is not valid. Valid values: ${Object.values(values).join(", ")}.`]);
}

function filterOf(flags: SubscriptionFlags): JsonObject | undefined {
  const { advancedFilter } = flags;
  return definedMembers({
    includedEventTypes: flags.includedEventTypes,
    subjectBeginsWith: flags.subjectBeginsWith,
    subjectEndsWith: flags.subjectEndsWith,
    isSubjectCaseSensitive: flags.subjectCaseSensitive,
    enableAdvancedFilteringOnArrays: flags.enableAdvancedFilteringOnArrays,
    advancedFilters: advancedFilter && advancedFilters(advancedFilter),
  });
}

/** Returns the destination that the flags set. Without an endpoint, they change `before`, the existing destination. */
function destinationOf(flags: SubscriptionFlags, before: JsonValue | undefined): JsonObject | undefined {
  const { endpoint, endpointType, maxEventsPerBatch, preferredBatchSizeInKilobytes } = flags;
  const mappings = flags.deliveryAttributeMapping;
  const more = definedMembers({
    maxEventsPerBatch,
    preferredBatchSizeInKilobytes,
    deliveryAttributeMappings: mappings && attributeMappings(mappings),
  });
  if (endpoint === undefined && endpointType === undefined) {
    if (more === undefined) return undefined;
    const { endpointType: type = null, properties = {} } = (before ?? {}) as JsonObject;
    return { endpointType: type, properties: { ...(properties as JsonObject), ...more } };
  }
  const type = known("--endpoint-type", ENDPOINT_WORDS, endpointType ?? "webhook");
  return { endpointType: type, properties: { ...endpointOf(type, endpoint), ...more } };
}

function endpointOf(type: EndpointType, text: string | undefined): JsonObject {
  const { endpoint } = DESTINATION_KINDS[type];
  if (endpoint === undefined) return {};
  if (text === undefined)
    throw new ExitError(2, [`A destination of type ${type} needs --endpoint: ${endpoint.words}.`]);
  const properties = endpoint.read(text);
  if (properties !== undefined) return { ...properties };
  throw new ExitError(2, [`--endpoint: '${text}' is not valid for ${type}. Use ${endpoint.words}: ${endpoint.form}.`]);
}

/** Parses an endpoint as the first kind of dead-letter destination that accepts it. */
function deadLetterOf(endpoint: string): JsonObject {
  for (const endpointType of OFFERED_DEAD_LETTERS) {
    const properties = DEAD_LETTER_KINDS[endpointType].endpoint.read(endpoint);
    if (properties !== undefined) return { endpointType, properties: { ...properties } };
  }
  const words = OFFERED_DEAD_LETTERS.map((type) => DEAD_LETTER_KINDS[type].endpoint.words);
  throw new ExitError(2, [
    `--deadletter-endpoint must be ${words.join(" or ")}. Folders are set in the configuration file.`,
  ]);
}

function operatorOf(word: string | undefined): OperatorType | undefined {
  return OPERATOR_TYPES.find((name) => name.toLowerCase() === word?.toLowerCase());
}

/** Parses repeated `key operator value…`. The word before each operator begins a new filter. */
function advancedFilters(words: readonly string[]): JsonObject[] {
  return runs(words, (word) => operatorOf(word) !== undefined, "--advanced-filter").map(
    ([key = "", word = "", ...values]) => {
      const operatorType = operatorOf(word);
      if (operatorType === undefined) {
        throw new ExitError(2, [`--advanced-filter: '${word}' is not an operator.${closeNames(word, OPERATOR_TYPES)}`]);
      }
      return { key, operatorType, ...filterValues(operatorType, values) };
    },
  );
}

function filterValues(operator: OperatorType, words: readonly string[]): JsonObject {
  const { takes } = OPERATORS[operator];
  if (takes === "none") return {};
  const [first] = words;
  if (first === undefined) throw new ExitError(2, [`--advanced-filter: the operator ${operator} needs a value.`]);
  return READ_WORDS[takes](words, first, operator);
}

/** Converts the words after an operator to the filter's `value` or `values`. */
type ReadWords = (words: readonly string[], first: string, operator: OperatorType) => JsonObject;

const READ_WORDS: Readonly<Record<Exclude<ComparandForm, "none">, ReadWords>> = {
  number: (_words, first, operator) => ({ value: numberIn(first, operator) }),
  boolean: (_words, first) => ({ value: first.toLowerCase() === "true" }),
  numbers: (words, _first, operator) => ({ values: words.map((word) => numberIn(word, operator)) }),
  ranges: (words, _first, operator) => ({
    values: words.map((word) => word.split(",").map((bound) => numberIn(bound, operator))),
  }),
  strings: (words) => ({ values: words }),
};

function numberIn(text: string, operator: OperatorType): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new ExitError(2, [`--advanced-filter: the operator ${operator} needs a number, but '${text}' is not one.`]);
}

/** Parses repeated `name type value [isSecret]`. The word before each type begins a new mapping. */
function attributeMappings(words: readonly string[]): JsonObject[] {
  return runs(words, isMappingType, "--delivery-attribute-mapping").map(([name = "", type = "", value, secret]) => {
    if (value === undefined || !isMappingType(type)) {
      throw new ExitError(2, [
        "--delivery-attribute-mapping must be 'name static value [true for a secret]' or 'name dynamic field'.",
      ]);
    }
    if (type.toLowerCase() === "dynamic") return { name, type: "Dynamic", properties: { sourceField: value } };
    return { name, type: "Static", properties: { value, isSecret: secret?.toLowerCase() === "true" } };
  });
}

function isMappingType(word: string): boolean {
  return /^(?:static|dynamic)$/i.test(word);
}

/** Splits words into runs. The word before each mark begins a new run. */
function runs(words: readonly string[], isMark: (word: string) => boolean, flag: string): (readonly string[])[] {
  const starts = words.flatMap((_, index) => (isMark(words[index + 1] ?? "") ? [index] : []));
  if (starts.length === 0 && words.length < 2)
    throw new ExitError(2, [`${flag}: '${words.join(" ")}' is not complete.`]);
  if (starts[0] !== 0) return [words];
  return starts.map((start, index) => words.slice(start, starts[index + 1]));
}

/** Returns the members that are not `undefined`; returns `undefined` if there are none. */
function definedMembers(members: Readonly<Record<string, JsonValue | undefined>>): JsonObject | undefined {
  const set = Object.entries(members).filter(([, value]) => value !== undefined);
  return set.length === 0 ? undefined : Object.fromEntries(set);
}
