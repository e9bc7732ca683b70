/**
 * A store's own secrets, by name. Each is created once and kept with the store, so that all nodes of the store and
 * all later starts get the same one.
 */
export interface StoreSecrets {
  /**
   * Returns the secret with a name. If there is none, creates and stores it; it is durable when the call resolves.
   * If several callers create it at the same time, all get the one that was stored.
   *
   * Rejects with `store_unavailable`, or as `create` does.
   * @param name letters, digits, `-` and `.`
   */
  obtain(name: string, create: () => Promise<string>): Promise<string>;

  /** Returns the secret with a name, or `undefined` if there is none. Rejects with `store_unavailable`. */
  find(name: string): Promise<string | undefined>;
}
