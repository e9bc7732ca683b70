import { isJsonObject, type JsonArray, type JsonValue } from "../../core/json.ts";

/** In place of a secret. */
const MASK = "***";
/** A secret that is shorter is hidden only where it stands in quotes: its letters stand in every message. */
const SHORT_CHARS = 4;
/** Messages repeat the beginning of long values; so much of a secret, and more, is hidden as well. */
const BEGINNING_CHARS = 8;
/** Keys, tokens and signed addresses have more characters; names and states in the same answers have fewer. */
const KEY_CHARS = 20;
/** Of so many secrets each is looked for in a message; where there are more, messages are not shown at all. */
const MAX_LOOKED_FOR = 2_000;

/**
 * The secrets of a deployment, which no message about it repeats: errors of expressions, of rules and of resources quote
 * values without knowing where they come from. Source: [ARM-TEMPLATE-SECRET]
 */
export class SecretValues {
  readonly #texts = new Set<string>();

  /** Takes all texts and numbers within a value for secrets. */
  add(value: JsonValue): void {
    if (Array.isArray(value)) for (const part of value as JsonArray) this.add(part);
    else if (isJsonObject(value)) for (const part of Object.values(value)) this.add(part ?? null);
    else if (typeof value === "number") this.#add(String(value));
    else if (typeof value === "string") this.#add(value);
  }

  /** Takes the texts of the answer of a list function for secrets that are as long as keys are. */
  addKeys(listed: JsonValue): void {
    if (Array.isArray(listed)) for (const part of listed as JsonArray) this.addKeys(part);
    else if (isJsonObject(listed)) for (const part of Object.values(listed)) this.addKeys(part ?? null);
    else if (typeof listed === "string" && listed.length >= KEY_CHARS) this.#add(listed);
  }

  /** Returns a message with every secret in it masked, and every beginning of one. */
  hide(message: string): string {
    if (this.#texts.size > MAX_LOOKED_FOR) return "The message is not shown: it may repeat one of too many secrets.";
    const longestFirst = [...this.#texts].toSorted((one, other) => other.length - one.length);
    return longestFirst.reduce(hideOne, message);
  }

  #add(text: string): void {
    if (text === "") return;
    this.#texts.add(text);
    // As messages quote it in JSON.
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
