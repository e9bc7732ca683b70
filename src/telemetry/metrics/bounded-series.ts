/** Series by key, up to a maximum number. All further keys share one series. Removing a key frees its place. */
export class BoundedSeries<Series> {
  readonly #max: number;
  readonly #createOther: () => Series;
  readonly #known = new Map<string, Series>();
  #other: Series | undefined;

  constructor(max: number, createOther: () => Series) {
    this.#max = max;
    this.#createOther = createOther;
  }

  /** Returns the series of a key. Calls `create` if the key is new. */
  of(key: string, create: () => Series): Series {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= this.#max) return (this.#other ??= this.#createOther());
    const created = create();
    this.#known.set(key, created);
    return created;
  }

  /** Returns every series with a key of its own. */
  entries(): IterableIterator<[key: string, series: Series]> {
    return this.#known.entries();
  }

  forget(key: string): void {
    this.#known.delete(key);
  }

  /** Returns all series, with the shared one last. */
  all(): Series[] {
    return this.#other === undefined ? [...this.#known.values()] : [...this.#known.values(), this.#other];
  }
}
