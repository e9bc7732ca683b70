import type { InputSchema, PublishedEvent } from "../event.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { foldCase } from "./fold-case.ts";

/**
 * Part of an event that a key refers to: a field of the Event Grid envelope, a context attribute of a CloudEvent
 * (string operators read numbers and booleans in it as JSON text), a value in `data`, or nothing that events of the
 * schema have.
 */
export type KeyPlace = "envelope" | "attribute" | "data" | "nowhere";

/** Key of an advanced filter, compiled for events of one schema. */
export interface EventKey {
  /** Segments of the key, for example `["data", "order", "total"]`. */
  readonly segments: readonly string[];
  readonly place: KeyPlace;
  /** Returns the value of an event under the key, or `undefined` if there is none. Never throws. */
  valueIn(event: PublishedEvent): JsonValue | undefined;
}

/** A step from an object to one of its members. */
interface Step {
  readonly name: string;
  readonly folded: string;
}

/**
 * Envelope keys of the Event Grid schema. Events in a custom schema have them, too, through their mapping. Other
 * members, such as `eventTime`, are not filter keys and have no value. Source: [EG-FILTER-KEYS]
 */
const ENVELOPE_KEYS: Readonly<Record<string, (event: PublishedEvent) => string | undefined>> = {
  ID: ({ envelope }) => envelope.id,
  TOPIC: ({ envelope }) => envelope.topic,
  SUBJECT: ({ envelope }) => envelope.subject,
  EVENTTYPE: ({ envelope }) => envelope.type,
  DATAVERSION: ({ envelope }) => envelope.dataVersion,
};

/**
 * Compiles a filter key for the topics of a schema. A key that the schema does not define is not an error: it has no
 * value, as on the service.
 *
 * Source: [EG-FILTER-KEYS], [EG-FILTER-KEY-CASE], [EG-FILTER-CE-TEXT]
 */
export function compileKey(key: string, schema: InputSchema): EventKey {
  const segments = key.split(".");
  const steps = segments.map((name): Step => ({ name, folded: foldCase(name) }));
  const [first, ...rest] = steps;
  if (first?.folded === "DATA") {
    return { segments, place: "data", valueIn: (event) => walk(dataOf(event, schema), rest) };
  }
  const nowhere: EventKey = { segments, place: "nowhere", valueIn: () => undefined };
  if (first === undefined || rest.length > 0 || first.folded === "DATA_BASE64") return nowhere;
  if (schema === "CloudEventSchemaV1_0") {
    return { segments, place: "attribute", valueIn: ({ body }) => memberOf(body, first) };
  }
  const read = Object.hasOwn(ENVELOPE_KEYS, first.folded) ? ENVELOPE_KEYS[first.folded] : undefined;
  return read === undefined ? nowhere : { segments, place: "envelope", valueIn: read };
}

/**
 * Returns the value that `data` refers to: in a custom schema, the complete object of the publisher. Source:
 * [EG-FILTER-KEYS]
 */
export function dataOf({ body }: PublishedEvent, schema: InputSchema): JsonValue | undefined {
  return schema === "CustomEventSchema" ? body : body["data"];
}

function walk(start: JsonValue | undefined, steps: readonly Step[]): JsonValue | undefined {
  let value = start;
  for (const step of steps) {
    if (!isJsonObject(value)) return undefined;
    value = memberOf(value, step);
  }
  return value;
}

/**
 * Returns the member with exactly this name, or else the first one whose name differs only in case.
 * [EG-FILTER-KEY-CASE]
 */
function memberOf(object: JsonObject, { name, folded }: Step): JsonValue | undefined {
  if (Object.hasOwn(object, name)) return object[name];
  const index = namesByFolded.get(object);
  const found = index === undefined ? nameOf(object, name, folded) : index.get(folded);
  return found === undefined ? undefined : object[found];
}

/**
 * Number of members from which on an object gets an index of its names, because each of many filters may look for
 * another name.
 */
const LARGE_OBJECT = 64;
const namesByFolded = new WeakMap<JsonObject, ReadonlyMap<string, string>>();

function nameOf(object: JsonObject, name: string, folded: string): string | undefined {
  const names = Object.keys(object);
  if (names.length < LARGE_OBJECT) {
    return names.find((candidate) => candidate.length === name.length && foldCase(candidate) === folded);
  }
  const index = new Map<string, string>();
  for (const candidate of names) {
    const key = foldCase(candidate);
    if (!index.has(key)) index.set(key, candidate);
  }
  namesByFolded.set(object, index);
  return index.get(folded);
}
