/**
 * Secrets of a store's own, by name: each is made once and kept with the store, so that every node of the store and
 * every later start reads the same one.
 */
export interface StoreSecrets {
  /**
   * Returns the secret of this name. When there is none, makes one and stores it; it is durable when the call
   * resolves. Of several callers that make it at the same time, all get the one that was stored.
   *
   * Errors: `store_unavailable`; what `create` rejected with.
   * @param name letters, digits, `-` and `.`
   */
  obtain(name: string, create: () => Promise<string>): Promise<string>;
}
