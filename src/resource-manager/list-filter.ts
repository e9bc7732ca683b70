import { Budget } from "../core/budget.ts";
import { RingmainError } from "../core/errors.ts";

/**
 * Returns whether an item with these fields matches. Charges the budget for every comparison, and throws the budget's
 * error when it is used up.
 */
export type ListFilter = (fields: Fields, budget: Budget) => boolean;

type Fields = Readonly<Record<string, string>>;

const FILTER_CHARS = 4_096;
/** Comparisons of one request: fifty for each of 100,000 items, which a domain may have. */
const STEPS = 5_000_000;
/** Levels of nested `not` and brackets. */
const DEPTH = 32;
const TOKEN = /\s*(?:(?<text>'(?:[^']|'')*')|(?<word>[\w.]+)|(?<sign>[(),]))/gy;

/**
 * Parses the `$filter` of a list: `contains(name,'x')`, `substringof('x',name)`, `eq`, `ne`, `and`, `or`, `not` and
 * brackets, on the given fields. Strings are compared without regard to case. An empty filter matches every item.
 * Throws `invalid_request`. Source: [ARM-FILTER]
 */
export function parseListFilter(text: string, fields: readonly string[]): ListFilter {
  if (text.trim() === "") return () => true;
  if (text.length > FILTER_CHARS) {
    throw new RingmainError("invalid_request", `The $filter has ${text.length} characters; ${FILTER_CHARS} may be.`);
  }
  const filter = new Parser(tokensOf(text), fields).whole();
  return (sent, budget) => filter(inLowerCase(sent, fields), budget);
}

/** Returns the budget for applying a filter to all items of one request. Source: [ARM-FILTER-LIMIT] */
export function createFilterBudget(steps: number = STEPS): Budget {
  const unlimited = Number.POSITIVE_INFINITY;
  return new Budget({ steps, bytes: unlimited, valueBytes: unlimited, depth: unlimited }, (_limit, allowed) => {
    const message = `The $filter takes more than ${allowed} comparisons with what is listed. Ask for less at a time.`;
    return new RingmainError("invalid_request", message);
  });
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    tokens.push(match[0].trim());
    end = match.index + match[0].length;
  }
  if (text.slice(end).trim() !== "") throw unreadable();
  return tokens;
}

function unreadable(): RingmainError {
  return new RingmainError("invalid_request", "The $filter cannot be read.");
}

class Parser {
  readonly #tokens: readonly string[];
  readonly #fields: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[], fields: readonly string[]) {
    this.#tokens = tokens;
    this.#fields = fields;
  }

  whole(): ListFilter {
    const filter = this.#or(0);
    if (this.#at < this.#tokens.length) throw unreadable();
    return filter;
  }

  #or(depth: number): ListFilter {
    const parts = [this.#and(depth)];
    while (this.#skip("or")) parts.push(this.#and(depth));
    return (fields, budget) => parts.some((part) => part(fields, budget));
  }

  #and(depth: number): ListFilter {
    const parts = [this.#not(depth)];
    while (this.#skip("and")) parts.push(this.#not(depth));
    return (fields, budget) => parts.every((part) => part(fields, budget));
  }

  #not(depth: number): ListFilter {
    if (depth > DEPTH) throw unreadable();
    if (this.#skip("not")) {
      const negated = this.#not(depth + 1);
      return (fields, budget) => !negated(fields, budget);
    }
    if (!this.#skip("(")) return this.#comparison();
    const inner = this.#or(depth + 1);
    this.#expect(")");
    return inner;
  }

  #comparison(): ListFilter {
    const word = this.#next();
    switch (word.toLowerCase()) {
      case "contains":
      case "substringof":
        return this.#containment();
      default: {
        const field = this.#field(word);
        const operator = this.#next().toLowerCase();
        if (operator !== "eq" && operator !== "ne") throw unreadable();
        const wanted = this.#text(this.#next());
        return (fields, budget) => {
          budget.spend(1);
          return (fields[field] === wanted) === (operator === "eq");
        };
      }
    }
  }

  /** Parses `contains(field,'text')` and the older `substringof('text',field)`. */
  #containment(): ListFilter {
    this.#expect("(");
    const first = this.#next();
    this.#expect(",");
    const second = this.#next();
    this.#expect(")");
    const [name, text] = first.startsWith("'") ? [second, first] : [first, second];
    const field = this.#field(name);
    const wanted = this.#text(text);
    return (fields, budget) => {
      const value = fields[field] ?? "";
      budget.spend(1);
      if (wanted.length > value.length) return false;
      budget.spendOnSearch(value, wanted);
      return value.includes(wanted);
    };
  }

  #field(name: string): string {
    const known = this.#fields.find((field) => field.toLowerCase() === name.toLowerCase());
    if (known !== undefined) return known;
    const allowed = this.#fields.join(", ");
    throw new RingmainError("invalid_request", `The $filter supports ${allowed}, not '${name.slice(0, 80)}'.`);
  }

  #text(token: string): string {
    if (!token.startsWith("'")) throw unreadable();
    return token.slice(1, -1).replaceAll("''", "'").toLowerCase();
  }

  #next(): string {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw unreadable();
    this.#at += 1;
    return token;
  }

  #skip(word: string): boolean {
    if (this.#tokens[this.#at]?.toLowerCase() !== word) return false;
    this.#at += 1;
    return true;
  }

  #expect(token: string): void {
    if (!this.#skip(token)) throw unreadable();
  }
}

function inLowerCase(sent: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, (sent[name] ?? "").toLowerCase()]));
}
