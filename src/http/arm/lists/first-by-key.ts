/** An item and the key that it is ordered by. */
interface Keyed<Item> {
  readonly key: string;
  readonly item: Item;
}

/** Collects the first few of many items, in the order of their keys, without sorting or storing all of them. */
export class FirstByKey<Item> {
  readonly #limit: number;
  readonly #kept: Keyed<Item>[] = [];
  /** The greatest key to keep, once the limit is reached; `undefined` before. */
  #last: string | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Returns whether an item with this key belongs to the first ones so far. */
  takes(key: string): boolean {
    return this.#last === undefined || key < this.#last;
  }

  add(key: string, item: Item): void {
    this.#kept.push({ key, item });
    if (this.#kept.length >= 2 * this.#limit) this.#cut();
  }

  /** Returns the first items, in order. */
  sorted(): readonly Keyed<Item>[] {
    this.#cut();
    return this.#kept;
  }

  #cut(): void {
    this.#kept.sort((one, other) => (one.key < other.key ? -1 : 1));
    if (this.#kept.length < this.#limit) return;
    this.#kept.length = this.#limit;
    this.#last = this.#kept.at(-1)?.key;
  }
}
