import type { Budget } from "./budget.ts";
import type { JsonArray, JsonObject, JsonValue } from "./json.ts";

/** The error for text that is not JSON, not even in the relaxed form of {@link parseRelaxedJson}. */
export class RelaxedJsonError extends Error {
  override readonly name = "RelaxedJsonError";
}

/**
 * Parses JSON as people write it: with comments, trailing commas, unquoted member names, single quotes and line
 * breaks in strings. Takes time proportional to the text, and charges the budget for every value. Throws a {@link
 * RelaxedJsonError}, or the error of the budget.
 */
export function parseRelaxedJson(text: string, budget: Budget): JsonValue {
  const parser = new Parser(text, budget);
  return parser.whole();
}

const SPACE = /[\s\uFEFF]+/y;
const NAME = /[\p{L}_$][\p{L}\p{N}_$-]*/uy;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const HEX = /[\da-fA-F]{4}/y;
/** Matches the characters of a string up to its end or the next escape. */
const PLAIN = { '"': /[^"\\]*/y, "'": /[^'\\]*/y } as const;
const LITERALS: ReadonlyMap<string, JsonValue> = new Map<string, JsonValue>([
  ["true", true],
  ["false", false],
  ["null", null],
]);
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  // A backslash at the end of a line continues the string on the next line.
  ["\n", ""],
]);

class Parser {
  readonly #text: string;
  readonly #budget: Budget;
  #at = 0;

  constructor(text: string, budget: Budget) {
    this.#text = text;
    this.#budget = budget;
  }

  whole(): JsonValue {
    this.#budget.spendOn([this.#text]);
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#unexpected();
    return value;
  }

  #value(): JsonValue {
    this.#skipSpace();
    const first = this.#text[this.#at];
    if (first === "{") return this.#within(() => this.#object());
    if (first === "[") return this.#within(() => this.#array());
    if (first === '"' || first === "'") return this.#string(first);
    return this.#scalar();
  }

  /** Reads the content after an opening bracket or brace, one level deeper. */
  #within<Value>(read: () => Value): Value {
    this.#at += 1;
    this.#budget.enter();
    const value = read();
    this.#budget.leave();
    return value;
  }

  #object(): JsonObject {
    const members: [string, JsonValue][] = [];
    while (!this.#ends("}")) {
      const name = this.#name();
      this.#skipSpace();
      if (this.#text[this.#at] !== ":") throw this.#unexpected();
      this.#at += 1;
      members.push([name, this.#value()]);
      this.#separate("}");
    }
    const object = Object.fromEntries(members);
    this.#budget.takeObject(members.length);
    return object;
  }

  #array(): JsonArray {
    const elements: JsonValue[] = [];
    while (!this.#ends("]")) {
      elements.push(this.#value());
      this.#separate("]");
    }
    this.#budget.takeArray(elements.length);
    return elements;
  }

  /** Skips the end if it is next. Returns whether it was. */
  #ends(end: "}" | "]"): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== end) return false;
    this.#at += 1;
    return true;
  }

  /** Skips a comma, which may be missing only before the end. */
  #separate(end: "}" | "]"): void {
    this.#skipSpace();
    const next = this.#text[this.#at];
    if (next === ",") this.#at += 1;
    else if (next !== end) throw this.#unexpected();
  }

  #name(): string {
    const first = this.#text[this.#at];
    if (first === '"' || first === "'") return this.#string(first);
    const name = this.#take(NAME);
    if (name === undefined) throw this.#unexpected();
    this.#budget.takeText(name);
    return name;
  }

  #string(quote: '"' | "'"): string {
    this.#at += 1;
    let value = this.#take(PLAIN[quote]) ?? "";
    for (;;) {
      const next = this.#text[this.#at];
      if (next === undefined) throw this.#unexpected();
      this.#at += 1;
      if (next === quote) break;
      value += this.#escape();
      value += this.#take(PLAIN[quote]) ?? "";
    }
    this.#budget.takeText(value);
    return value;
  }

  /** Reads the characters of an escape after its backslash. */
  #escape(): string {
    const letter = this.#text[this.#at];
    if (letter === undefined) throw this.#unexpected();
    this.#at += 1;
    if (letter !== "u") return ESCAPES.get(letter) ?? letter;
    const hex = this.#take(HEX);
    if (hex === undefined) throw this.#unexpected();
    return String.fromCharCode(Number.parseInt(hex, 16));
  }

  #scalar(): JsonValue {
    const start = this.#at;
    const number = this.#take(NUMBER);
    if (number !== undefined) return Number(number);
    const value = LITERALS.get(this.#take(NAME) ?? "");
    if (value !== undefined) return value;
    this.#at = start;
    throw this.#unexpected();
  }

  #skipSpace(): void {
    for (;;) {
      this.#take(SPACE);
      if (this.#text.startsWith("//", this.#at)) this.#skipTo("\n", this.#text.length);
      else if (this.#text.startsWith("/*", this.#at)) this.#skipTo("*/", undefined);
      else return;
    }
  }

  /** @param missing end of an unterminated comment; `undefined` if it must be terminated */
  #skipTo(end: string, missing: number | undefined): void {
    const found = this.#text.indexOf(end, this.#at + 2);
    if (found < 0 && missing === undefined) throw this.#unexpected();
    this.#at = found < 0 ? (missing ?? 0) : found + end.length;
  }

  /** Returns the match of a sticky pattern at the current position, and skips it. */
  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #unexpected(): RelaxedJsonError {
    const before = this.#text.slice(0, this.#at).split("\n");
    const place = `line ${before.length}, position ${(before.at(-1)?.length ?? 0) + 1}`;
    const found = this.#text.codePointAt(this.#at);
    const unexpected = found === undefined ? "end" : `character '${String.fromCodePoint(found)}'`;
    return new RelaxedJsonError(`Unexpected ${unexpected} at ${place}`);
  }
}
