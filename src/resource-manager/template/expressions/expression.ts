import { TEMPLATE_LIMITS } from "../template-limits.ts";
import { invalidExpression } from "../template-error.ts";

/** A parsed template expression. */
export type TemplateExpression =
  | { readonly kind: "literal"; readonly value: string | number }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly TemplateExpression[] }
  | { readonly kind: "member"; readonly of: TemplateExpression; readonly name: string; readonly safe: boolean }
  | {
      readonly kind: "element";
      readonly of: TemplateExpression;
      readonly index: TemplateExpression;
      readonly safe: boolean;
    };

/** A deeper expression is refused: no template needs it, and the evaluator recurses. */
const MAX_DEPTH = 100;
/** Of an expression that an error shows. */
const MAX_SHOWN_CHARS = 1_000;
const TOKEN =
  /\s*(?:'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)|([A-Za-z_][\w$]*(?:\.[A-Za-z_][\w$]*)*(?=\s*\())|(\.\??\s*[A-Za-z_][\w$]*)|(\[\??|\]|\(|\)|,))/y;

type Token =
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "name"; readonly value: string }
  | { readonly kind: "member"; readonly value: string }
  | { readonly kind: "sign"; readonly value: string };

/** Whether a string of a template is an expression: `[…]`, where `[[` stands for a plain bracket. */
export function isExpression(text: string): boolean {
  return text.startsWith("[") && !text.startsWith("[[") && text.endsWith("]");
}

/** A string that is no expression, as it is meant. */
export function unescapeText(text: string): string {
  return text.startsWith("[[") ? text.slice(1) : text;
}

/** Parses the inside of the brackets of an expression. Throws `InvalidTemplate`. Source: [ARM-TEMPLATE-EXPRESSIONS] */
export function parseExpression(text: string): TemplateExpression {
  const limit = TEMPLATE_LIMITS.expressionChars;
  if (text.length > limit) {
    throw invalidExpression(
      `The language expression length limit exceeded. Limit: '${limit}' and actual: '${text.length}'`,
    );
  }
  const tokens = tokenize(text.slice(1, -1), text);
  const reader = new Reader(tokens, text);
  const expression = reader.expression(0);
  reader.end();
  return expression;
}

function tokenize(inside: string, whole: string): Token[] {
  const tokens: Token[] = [];
  const end = inside.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const start = TOKEN.lastIndex;
    const found = TOKEN.exec(inside);
    if (found === null) throw notAnExpression(whole, start + 1);
    const [, text, number, name, member, sign] = found;
    if (text !== undefined) tokens.push({ kind: "text", value: text.replaceAll("''", "'") });
    else if (number !== undefined) tokens.push({ kind: "number", value: Number(number) });
    else if (name !== undefined) tokens.push({ kind: "name", value: name });
    else if (member !== undefined) tokens.push({ kind: "member", value: member.replaceAll(/\s/g, "") });
    else tokens.push({ kind: "sign", value: sign ?? "" });
  }
  return tokens;
}

class Reader {
  readonly #tokens: readonly Token[];
  readonly #text: string;
  #at = 0;

  constructor(tokens: readonly Token[], text: string) {
    this.#tokens = tokens;
    this.#text = text;
  }

  expression(depth: number): TemplateExpression {
    if (depth > MAX_DEPTH) throw invalidExpression(`The expression is nested more than ${MAX_DEPTH} deep`);
    let expression = this.#primary(depth);
    for (;;) {
      const next = this.#tokens[this.#at];
      if (next?.kind === "member") {
        this.#at += 1;
        const safe = next.value.startsWith(".?");
        expression = { kind: "member", of: expression, name: next.value.slice(safe ? 2 : 1), safe };
      } else if (next?.kind === "sign" && next.value.startsWith("[")) {
        this.#at += 1;
        const index = this.expression(depth + 1);
        this.#expect("]");
        expression = { kind: "element", of: expression, index, safe: next.value === "[?" };
      } else return expression;
    }
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw notAnExpression(this.#text, this.#at);
  }

  #primary(depth: number): TemplateExpression {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    if (token?.kind === "text" || token?.kind === "number") return { kind: "literal", value: token.value };
    if (token?.kind !== "name") throw notAnExpression(this.#text, this.#at);
    this.#expect("(");
    return { kind: "call", name: token.value, args: this.#arguments(depth) };
  }

  #arguments(depth: number): TemplateExpression[] {
    const args: TemplateExpression[] = [];
    if (this.#take(")")) return args;
    do args.push(this.expression(depth + 1));
    while (this.#take(","));
    this.#expect(")");
    return args;
  }

  #take(sign: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "sign" || token.value !== sign) return false;
    this.#at += 1;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#take(sign)) throw notAnExpression(this.#text, this.#at);
  }
}

function notAnExpression(text: string, position: number): Error {
  const shown = text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS)}…` : text;
  return invalidExpression(`The language expression '${shown}' is not valid near position ${position}`);
}
