import type { InputSchema, PublishedEvent } from "../event.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { foldCase } from "./fold-case.ts";

/**
 * What part of an event a key names: a field of the Event Grid envelope, a context attribute of a CloudEvent (string
 * operators read its number or boolean as JSON text), something in `data`, or nothing that events of the schema have.
 */
export type KeyPlace = "envelope" | "attribute" | "data" | "nowhere";

/** The key of an advanced filter, ready to be looked up in events of one schema. */
export interface EventKey {
  /** The levels of the key, for example `["data", "order", "total"]`. */
  readonly segments: readonly string[];
  readonly place: KeyPlace;
  /** What the event holds under the key; `undefined` when it holds nothing. Never throws. */
  valueIn(event: PublishedEvent): JsonValue | undefined;
}

/** A step from an object to one of its members. */
interface Step {
  readonly name: string;
  readonly folded: string;
}

/**
 * Envelope keys of the Event Grid schema. Events of a custom schema have them too, by their mapping. Others, such as
 * `eventTime`, are no filter keys and hold nothing. Source: [EG-FILTER-KEYS]
 */
const ENVELOPE_KEYS: Readonly<Record<string, (event: PublishedEvent) => string | undefined>> = {
  ID: ({ envelope }) => envelope.id,
  TOPIC: ({ envelope }) => envelope.topic,
  SUBJECT: ({ envelope }) => envelope.subject,
  EVENTTYPE: ({ envelope }) => envelope.type,
  DATAVERSION: ({ envelope }) => envelope.dataVersion,
};

/**
 * Reads a filter key as a topic of this schema understands it. A name that the schema does not know is no error: it
 * holds nothing, as on the service.
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

/** What `data` stands for: in a custom schema the publisher's whole object. Source: [EG-FILTER-KEYS] */
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

/** [EG-FILTER-KEY-CASE] The member of exactly this name, else the first whose name differs only in case. */
function memberOf(object: JsonObject, { name, folded }: Step): JsonValue | undefined {
  if (Object.hasOwn(object, name)) return object[name];
  const index = namesByFolded.get(object);
  const found = index === undefined ? nameOf(object, name, folded) : index.get(folded);
  return found === undefined ? undefined : object[found];
}

/** In an object with so many members, names are looked up in an index: each of many filters may look for another one. */
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
