import { isJsonObject, type JsonArray, type JsonValue } from "../../core/json.ts";

/** Text shown in place of a secret. */
const MASK = "***";
/** Shorter secrets are masked only in quotes, because their letters occur in every message. */
const SHORT_CHARS = 4;
/** Characters from which on the beginning of a secret is masked as well: messages cut long values. */
const BEGINNING_CHARS = 8;
/** Minimum length of keys, tokens and signed URLs; names and states in the same responses are shorter. */
const KEY_CHARS = 20;
/** Most secrets that are searched for in a message; with more, messages are not shown at all. */
const MAX_LOOKED_FOR = 2_000;

/**
 * The secrets of a deployment, and the masking of messages that contain them: errors of expressions, rules and
 * resources quote values without knowing their origin. Source: [ARM-TEMPLATE-SECRET]
 */
export class SecretValues {
  readonly #texts = new Set<string>();

  /** Adds all texts and numbers in a value as secrets. */
  add(value: JsonValue): void {
    if (Array.isArray(value)) for (const part of value as JsonArray) this.add(part);
    else if (isJsonObject(value)) for (const part of Object.values(value)) this.add(part ?? null);
    else if (typeof value === "number") this.#add(String(value));
    else if (typeof value === "string") this.#add(value);
  }

  /** Adds the texts in the response of a list function that are as long as keys. */
  addKeys(listed: JsonValue): void {
    if (Array.isArray(listed)) for (const part of listed as JsonArray) this.addKeys(part);
    else if (isJsonObject(listed)) for (const part of Object.values(listed)) this.addKeys(part ?? null);
    else if (typeof listed === "string" && listed.length >= KEY_CHARS) this.#add(listed);
  }

  /** Returns a message in which all secrets and beginnings of secrets are masked. */
  hide(message: string): string {
    if (this.#texts.size > MAX_LOOKED_FOR) return "The message is not shown: it may repeat one of too many secrets.";
    const longestFirst = [...this.#texts].toSorted((one, other) => other.length - one.length);
    return longestFirst.reduce(hideOne, message);
  }

  #add(text: string): void {
    if (text === "") return;
    this.#texts.add(text);
    // Messages also quote the text as JSON.
    this.#texts.add(JSON.stringify(text).slice(1, -1));
  }
}

function hideOne(message: string, secret: string): string {
  if (secret.length < SHORT_CHARS) {
    return message.replaceAll(`'${secret}'`, `'${MASK}'`).replaceAll(`"${secret}"`, `"${MASK}"`);
  }
  const beginning = secret.slice(0, BEGINNING_CHARS);
  let hidden = "";
  let at = 0;
  for (;;) {
    const found = message.indexOf(beginning, at);
    if (found < 0) return hidden + message.slice(at);
    let end = found + beginning.length;
    while (end - found < secret.length && message[end] === secret[end - found]) end += 1;
    hidden += message.slice(at, found) + MASK;
    at = end;
  }
}
