/**
 * Runs work one piece at a time for each key, in the order of the calls. Work with different keys runs
 * concurrently. Work must not wait for a turn of its own key, which would be a deadlock.
 */
export class Turns {
  /** Promise for the end of the latest work of each key that has any. Never rejects. */
  readonly #latest = new Map<string, Promise<unknown>>();

  /** Runs `work` when its turn comes. Resolves or rejects with the result of `work`. */
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

  /**
   * Like `take`, but waits for the turns of several keys. Sorts the keys, so that two calls never wait for each other.
   */
  takeAll<Result>(keys: readonly string[], work: () => Promise<Result>): Promise<Result> {
    const [first, ...rest] = [...new Set(keys)].toSorted();
    return first === undefined ? work() : this.take(first, () => this.takeAll(rest, work));
  }
}
