import { RingmainError } from "../../core/errors.ts";
import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../core/json.ts";
import { quote } from "../../core/rules/problem.ts";
import { foldCase } from "../../core/filter/fold-case.ts";
import { NO_NOTES, type BodyNotes } from "./body-notes.ts";

/**
 * Reader of one member of a Resource Manager body. Closed tables list the members, one table for each kind of resource
 * and level of its body, so that unknown names are noticed. Source: [ARM-BODY], [ARM-CASE]
 */
export interface Member<Value> {
  /**
   * Returns the value in Ringmain's own spelling. `at` is its path in the body. Throws `invalid_request_content` with
   * the path for a value of the wrong kind.
   */
  read(value: JsonValue, at: string, notes: BodyNotes): Value;
}

/** A table of members by their names. */
export type Members = Readonly<Record<string, Member<unknown>>>;

type ValueOf<Each> = Each extends Member<infer Value> ? Value : never;

/** The members that a body has. A member that is `null` is absent. */
export type BodyOf<Table extends Members> = { readonly [Name in keyof Table]?: ValueOf<Table[Name]> };

/** The table of a body of this type, with every member that it may have. */
export type TableOf<Body> = { readonly [Name in keyof Body]-?: Member<Exclude<Body[Name], undefined>> };

/** The members in a PATCH. `null` clears the stored value. */
export type ChangesOf<Table extends Members> = { readonly [Name in keyof Table]?: ValueOf<Table[Name]> | null };

/** An object of a body, with its table. */
export interface ObjectMember<Body> extends Member<Body> {
  readonly members: Members;
  /** Names of members that reads return and clients send back: they are known, but have no effect. */
  readonly ignored: readonly string[];
  /** The object only groups other members, like `properties`: `null` clears none of them. */
  readonly isPart?: true;
}

export const text: Member<string> = {
  read: (value, at) => (typeof value === "string" ? checkedText(value, at) : refuse(at, "a text", value)),
};

/** A text that may be a secret: errors do not repeat the value. */
export const secret: Member<string> = {
  read: (value, at) => (typeof value === "string" ? checkedText(value, at) : refuse(at, "a text")),
};

export const flag: Member<boolean> = {
  read: (value, at) => (typeof value === "boolean" ? value : refuse(at, "true or false", value)),
};

export const number: Member<number> = {
  read: (value, at) => (typeof value === "number" ? value : refuse(at, "a number", value)),
};

/**
 * Longest text in a member, where Azure documents no limit or a larger one. Ringmain stores, compares and sends on the
 * values of clients, so it needs a limit. Source: [ARM-BODY-LIMITS]
 */
const MAX_TEXT_CHARS = 8_192;
/** Most elements of a list, or names of a map. */
const MAX_ELEMENTS = 1_000;
/** Most levels of a value that is stored as it was sent. */
const MAX_DEPTH = 100;

/** Any JSON value, stored as it was sent. */
export const json: Member<JsonValue> = {
  read: (value, at) => {
    forEachWithin(value, at, (each) => {
      if (typeof each === "string") checkedText(each, at);
      else if (typeof each === "object" && each !== null) checkNumber(Object.keys(each).length, at);
    });
    return value;
  },
};

/** Any JSON value that is evaluated within a budget. The budget takes the place of limits. */
export const evaluatedJson: Member<JsonValue> = {
  read: (value, at) => {
    forEachWithin(value, at, () => {});
    return value;
  },
};

/** Visits a value and all values inside it. Throws if they are nested too deep. */
function forEachWithin(value: JsonValue, at: string, visit: (value: JsonValue) => void, depth = MAX_DEPTH): void {
  visit(value);
  if (typeof value !== "object" || value === null) return;
  if (depth === 0) refuse(at, `at most ${MAX_DEPTH} levels deep`, value);
  for (const each of Object.values(value)) forEachWithin(each as JsonValue, at, visit, depth - 1);
}

/** Checks the length of a text. The error does not repeat the value: it is long and may be a secret. */
function checkedText(value: string, at: string): string {
  return value.length <= MAX_TEXT_CHARS ? value : exceeded(at, `${MAX_TEXT_CHARS} characters`, value.length);
}

function checkNumber(elements: number, at: string): void {
  if (elements > MAX_ELEMENTS) exceeded(at, `${MAX_ELEMENTS} elements`, elements);
}

function exceeded(at: string, limit: string, actual: number): never {
  return refuseContent(`'${at.slice(0, 200)}' may have at most ${limit}; it has ${actual}`);
}

/** One of a set of names, in any case; returns the set's own spelling. [ARM-CASE] */
export function oneOf<const Name extends string>(names: readonly Name[]): Member<Name> {
  return {
    read(value, at) {
      const sent = text.read(value, at, NO_NOTES);
      const known = names.find((name) => foldCase(name) === foldCase(sent));
      return known ?? refuse(at, `one of ${names.map((name) => `'${name}'`).join(", ")}`, value);
    },
  };
}

/**
 * A text. A name of the set, in any case, gets the set's spelling; other texts are left to the resource rules.
 * [ARM-CASE]
 */
export function spelled(names: readonly string[]): Member<string> {
  return {
    read(value, at, notes) {
      const sent = text.read(value, at, notes);
      return names.find((name) => foldCase(name) === foldCase(sent)) ?? sent;
    },
  };
}

/** A list, whose elements may not be `null`. */
export function arrayOf<Value>(element: Member<Value>): Member<readonly Value[]> {
  return {
    read(value, at, notes) {
      if (!Array.isArray(value)) return refuse(at, "a list", value);
      checkNumber(value.length, at);
      return (value as JsonArray).map((each, index) => element.read(each, `${at}[${index}]`, notes));
    },
  };
}

/**
 * An object with names that the user chooses. Names that differ only in case are the same name: the last one is kept,
 * as for tags on Azure. A member that is `null` is absent. Source: [ARM-BODY-TWICE]
 */
export function mapOf<Value>(member: Member<Value>): Member<Readonly<Record<string, Value>>> {
  const whole = mapOfChanges(member);
  return {
    read: (value, at, notes) => {
      const entries = Object.entries(whole.read(value, at, notes)).filter(([, each]) => each !== null);
      return Object.fromEntries(entries) as Record<string, Value>;
    },
  };
}

/** Like `mapOf`, for a PATCH, where `null` removes a member. */
export function mapOfChanges<Value>(member: Member<Value>): Member<Readonly<Record<string, Value | null>>> {
  return {
    read(value, at, notes) {
      const named = new Map<string, readonly [string, Value | null]>();
      const entries = Object.entries(objectAt(value, at));
      checkNumber(entries.length, at);
      for (const [name, each] of entries) {
        checkedText(name, at);
        const key = foldCase(name);
        if (named.has(key)) notes.repeated(join(at, name));
        named.set(key, [name, isAbsent(each) ? null : member.read(each, join(at, name), notes)]);
      }
      return Object.fromEntries(named.values());
    },
  };
}

/** An object with these members, all of them optional. */
export function object<Table extends Members>(
  members: Table,
  ignored: readonly string[] = [],
): ObjectMember<BodyOf<Table>> {
  return {
    members,
    ignored,
    read: (value, at, notes) => {
      const entries = readEntries({ members, ignored }, value, at, notes).filter(([, each]) => each !== null);
      return Object.fromEntries(entries) as BodyOf<Table>;
    },
  };
}

/** An object of a PATCH, with the members that it may change. */
export function changes<Table extends Members>(
  members: Table,
  ignored: readonly string[] = [],
): ObjectMember<ChangesOf<Table>> {
  return {
    members,
    ignored,
    read: (value, at, notes) =>
      Object.fromEntries(readEntries({ members, ignored }, value, at, notes)) as ChangesOf<Table>,
  };
}

/** Like `changes`, for an object that only groups other members: `null` changes none of them. */
export function part<Table extends Members>(
  members: Table,
  ignored: readonly string[] = [],
): ObjectMember<ChangesOf<Table>> {
  return { ...changes(members, ignored), isPart: true };
}

/**
 * Returns the known members of an object, in the order of the table, including explicit nulls. If a name occurs more
 * than once, in any case, the last one counts. Source: [ARM-BODY-TWICE]
 */
function readEntries(
  { members, ignored }: Pick<ObjectMember<unknown>, "members" | "ignored">,
  value: JsonValue,
  at: string,
  notes: BodyNotes,
): (readonly [string, unknown])[] {
  const names = new Map(Object.keys(members).map((name) => [foldCase(name), name]));
  const passedOver = new Set(ignored.map(foldCase));
  const sent = new Map<string, JsonValue>();
  for (const [name, each] of Object.entries(objectAt(value, at))) {
    const known = names.get(foldCase(name));
    if (known === undefined) {
      if (!isAbsent(each) && !passedOver.has(foldCase(name))) notes.unknown(join(at, name), Object.keys(members));
      continue;
    }
    if (sent.has(known)) notes.repeated(join(at, known));
    sent.set(known, each ?? null);
  }
  return Object.entries(members).flatMap(([name, member]) => {
    const each = sent.get(name);
    if (each === undefined || (each === null && "isPart" in member)) return [];
    return [[name, each === null ? null : member.read(each, join(at, name), notes)] as const];
  });
}

function objectAt(value: JsonValue, at: string): JsonObject {
  return isJsonObject(value) ? value : refuse(at, "an object", value);
}

function isAbsent(value: JsonValue | undefined): value is null | undefined {
  return value === null || value === undefined;
}

function join(at: string, name: string): string {
  return at === "" ? name : `${at}.${name}`;
}

/** Throws the error for a value of the wrong kind. `wanted` names the right kind; without `value`, none is repeated. */
export function refuse(at: string, wanted: string, value?: JsonValue): never {
  const found = typeof value === "object" && value !== null ? "an object or a list" : quote(value);
  return refuseContent(`'${at.slice(0, 200)}' must be ${wanted}, not ${found}`);
}

function refuseContent(problem: string): never {
  const message = `The request content was invalid and could not be deserialized: ${problem}.`;
  throw new RingmainError("invalid_request_content", message);
}
