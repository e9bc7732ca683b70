import { RingmainError } from "../../core/errors.ts";
import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../core/json.ts";
import { quote } from "../../core/rules/problem.ts";
import { foldCase } from "../../core/filter/fold-case.ts";
import { NO_NOTES, type BodyNotes } from "./body-notes.ts";

/**
 * How one member of a Resource Manager body is read. Members are listed in closed tables, one for each kind of resource
 * and level of its body, so that a name which fits nothing is noticed. Source: [ARM-BODY], [ARM-CASE]
 */
export interface Member<Value> {
  /**
   * Returns the value in Ringmain's own spelling. `at` is its path in the body. Throws `invalid_request_content`, which
   * names the path, for a value of the wrong kind.
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

/** The members that a PATCH names. `null` clears what is there. */
export type ChangesOf<Table extends Members> = { readonly [Name in keyof Table]?: ValueOf<Table[Name]> | null };

/** An object of a body, with its table. */
export interface ObjectMember<Body> extends Member<Body> {
  readonly members: Members;
  /** Names that reads hold and that clients send back: they are known, and have no effect. */
  readonly ignored: readonly string[];
  /** It only holds other members, as `properties` does: `null` clears none of them. */
  readonly isPart?: true;
}

export const text: Member<string> = {
  read: (value, at) => (typeof value === "string" ? checkedText(value, at) : refuse(at, "a text", value)),
};

/** A text that may be a secret: no error repeats what was sent. */
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
 * The most that a member may hold, for everything that Azure documents no limit for, or a larger one: what a client sends
 * is kept, compared and sent on. Source: [ARM-BODY-LIMITS]
 */
const MAX_TEXT_CHARS = 8_192;
/** Elements of a list, or names of a map. */
const MAX_ELEMENTS = 1_000;
/** Levels of a value that is kept as it came. */
const MAX_DEPTH = 100;

/** Any JSON value, kept as it came. */
export const json: Member<JsonValue> = {
  read: (value, at) => {
    forEachWithin(value, at, (each) => {
      if (typeof each === "string") checkedText(each, at);
      else if (typeof each === "object" && each !== null) checkNumber(Object.keys(each).length, at);
    });
    return value;
  },
};

/** Any JSON value that is evaluated within a budget, which bounds it. */
export const evaluatedJson: Member<JsonValue> = {
  read: (value, at) => {
    forEachWithin(value, at, () => {});
    return value;
  },
};

/** Visits a value and everything in it. Throws when it nests too deep. */
function forEachWithin(value: JsonValue, at: string, visit: (value: JsonValue) => void, depth = MAX_DEPTH): void {
  visit(value);
  if (typeof value !== "object" || value === null) return;
  if (depth === 0) refuse(at, `at most ${MAX_DEPTH} levels deep`, value);
  for (const each of Object.values(value)) forEachWithin(each as JsonValue, at, visit, depth - 1);
}

/** The value is not repeated: it may be a secret, and is long. */
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

/** A text that is one of a set of names in any case, or else is left to the rules as it came. [ARM-CASE] */
export function spelled(names: readonly string[]): Member<string> {
  return {
    read(value, at, notes) {
      const sent = text.read(value, at, notes);
      return names.find((name) => foldCase(name) === foldCase(sent)) ?? sent;
    },
  };
}

/** A list. `null` is no element. */
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
 * An object whose names are the user's own. Names that differ in case alone are one name: the last one stands, as for tags
 * on Azure. A member that is `null` is absent. Source: [ARM-BODY-TWICE]
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

/** As `mapOf`, for a PATCH that takes members away as `null`. */
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

/** An object with these members, none of which must be there. */
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

/** The members of an object that a PATCH may change. */
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

/** As `changes`, for an object that only holds other members: as `null` it names none of them. */
export function part<Table extends Members>(
  members: Table,
  ignored: readonly string[] = [],
): ObjectMember<ChangesOf<Table>> {
  return { ...changes(members, ignored), isPart: true };
}

/**
 * The known members of an object, in the order of the table, with `null` where that was sent. Of a name that stands
 * there more than once, in whatever case, the last one counts. Source: [ARM-BODY-TWICE]
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

/** Throws the error of a value of the wrong kind; `wanted` says what it must be. Without the value none is repeated. */
export function refuse(at: string, wanted: string, value?: JsonValue): never {
  const found = typeof value === "object" && value !== null ? "an object or a list" : quote(value);
  return refuseContent(`'${at.slice(0, 200)}' must be ${wanted}, not ${found}`);
}

function refuseContent(problem: string): never {
  const message = `The request content was invalid and could not be deserialized: ${problem}.`;
  throw new RingmainError("invalid_request_content", message);
}
