import type { InputSchema, PublishedEvent } from "../event.ts";
import type { JsonValue } from "../json.ts";
import { compileKey, type EventKey } from "./event-key.ts";
import type { Tier } from "./operators.ts";

/** Rules by which the filters of one topic read its events. */
export interface FilterRules {
  /** Input schema of the topic. Filters read events in the schema in which they were published. */
  readonly schema: InputSchema;
  readonly tier: Tier;
}

/** Compiled keys of filters with the same rules. */
export interface FilterKeys {
  readonly rules: FilterRules;
  /**
   * Returns the compiled key.
   *
   * @param key key of an advanced filter, for example `data.order.total`
   */
  get(key: string): EventKey;
}

/** Returns keys for a single filter. */
export function ownKeys(rules: FilterRules): FilterKeys {
  return { rules, get: (key) => compileKey(key, rules.schema) };
}

/**
 * Compiled keys that many filters share. The value of an event under a key is read once and remembered until `forget`.
 * Between `forget` and the next read, no part of an event is kept.
 * Measured in docs/hot-path.md.
 */
export class SharedKeys implements FilterKeys {
  readonly rules: FilterRules;
  readonly #keys = new Map<string, RememberingKey>();
  readonly #read: RememberingKey[] = [];

  constructor(rules: FilterRules) {
    this.rules = rules;
  }

  get(key: string): EventKey {
    const known = this.#keys.get(key) ?? new RememberingKey(compileKey(key, this.rules.schema), this.#read);
    this.#keys.set(key, known);
    return known;
  }

  /** Forgets the values of the current event, before the next one is read. */
  forget(): void {
    for (const key of this.#read) key.forget();
    this.#read.length = 0;
  }
}

class RememberingKey implements EventKey {
  readonly #key: EventKey;
  readonly #read: RememberingKey[];
  #event: PublishedEvent | undefined;
  #value: JsonValue | undefined;

  /** @param read list to which this key adds itself when it remembers a value */
  constructor(key: EventKey, read: RememberingKey[]) {
    this.#key = key;
    this.#read = read;
  }

  get segments(): readonly string[] {
    return this.#key.segments;
  }

  get place(): EventKey["place"] {
    return this.#key.place;
  }

  valueIn(event: PublishedEvent): JsonValue | undefined {
    if (this.#event !== event) {
      if (this.#event === undefined) this.#read.push(this);
      this.#event = event;
      this.#value = this.#key.valueIn(event);
    }
    return this.#value;
  }

  forget(): void {
    this.#event = undefined;
    this.#value = undefined;
  }
}
