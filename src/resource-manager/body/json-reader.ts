import { RingmainError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { quote } from "../../core/rules/problem.ts";

/**
 * Takes typed members out of a JSON object that somebody sent. `null` says nothing, like a member that is absent;
 * members nobody asks for are passed over. A member of the wrong kind throws `invalid_request_content`, which names it.
 * Source: [ARM-BODY]
 */
export class JsonReader {
  readonly #object: JsonObject;
  readonly #path: string;

  constructor(object: JsonObject, path = "") {
    this.#object = object;
    this.#path = path;
  }

  /** A member as it came. */
  raw(name: string): JsonValue | undefined {
    return Object.hasOwn(this.#object, name) ? (this.#object[name] ?? undefined) : undefined;
  }

  text(name: string): string | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === "string") return value;
    return this.#refuse(name, "a text", value);
  }

  flag(name: string): boolean | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === "boolean") return value;
    return this.#refuse(name, "true or false", value);
  }

  number(name: string): number | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === "number") return value;
    return this.#refuse(name, "a number", value);
  }

  /** One of a set of names, in any case; answers the set's own spelling. [ARM-CASE] */
  oneOf<Name extends string>(name: string, names: readonly Name[]): Name | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const known = names.find((candidate) => candidate.toLowerCase() === value.toLowerCase());
    return known ?? this.#refuse(name, `one of ${names.map((each) => `'${each}'`).join(", ")}`, value);
  }

  child(name: string): JsonReader | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (!isJsonObject(value)) return this.#refuse(name, "an object", value);
    return new JsonReader(value, this.#at(name));
  }

  /** A member that is a list of objects. */
  children(name: string): readonly JsonReader[] | undefined {
    return this.#list(name)?.map((value, index) => {
      const at = `${name}[${index}]`;
      return isJsonObject(value) ? new JsonReader(value, this.#at(at)) : this.#refuse(at, "an object", value);
    });
  }

  texts(name: string): readonly string[] | undefined {
    return this.#list(name)?.map((value, index) =>
      typeof value === "string" ? value : this.#refuse(`${name}[${index}]`, "a text", value),
    );
  }

  /** A member that is an object of free names, each of which holds a text. */
  textsByName(name: string): Readonly<Record<string, string>> | undefined {
    const child = this.child(name);
    return child && Object.fromEntries(child.names().map((each) => [each, child.text(each) ?? ""]));
  }

  /** The names of all members. */
  names(): readonly string[] {
    return Object.keys(this.#object);
  }

  #list(name: string): readonly JsonValue[] | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    return Array.isArray(value) ? (value as readonly JsonValue[]) : this.#refuse(name, "a list", value);
  }

  #at(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }

  #refuse(name: string, wanted: string, value: JsonValue): never {
    const found = value === null || typeof value !== "object" ? quote(value) : "an object or a list";
    throw new RingmainError(
      "invalid_request_content",
      `The request content was invalid and could not be deserialized: '${this.#at(name)}' must be ${wanted}, not ${found}.`,
    );
  }
}
