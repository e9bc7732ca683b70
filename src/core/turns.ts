/**
 * Runs work one piece at a time for each key, in the order of the calls. Work under different keys runs side by side.
 * Work must not wait for a turn of its own key: it would wait for itself.
 */
export class Turns {
  /** The end of the latest work of each key that has any; never rejects. */
  readonly #latest = new Map<string, Promise<unknown>>();

  /** Resolves or rejects with what `work` comes to, once it has had its turn. */
  take<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const turn = (this.#latest.get(key) ?? Promise.resolve()).then(work);
    const ended = turn
      .catch(() => {})
      .finally(() => {
        if (this.#latest.get(key) === ended) this.#latest.delete(key);
      });
    this.#latest.set(key, ended);
    return turn;
  }

  /** As `take`, with the turns of several keys at once. Sorted, so that two calls never wait for each other. */
  takeAll<Result>(keys: readonly string[], work: () => Promise<Result>): Promise<Result> {
    const [first, ...rest] = [...new Set(keys)].toSorted();
    return first === undefined ? work() : this.take(first, () => this.takeAll(rest, work));
  }
}
