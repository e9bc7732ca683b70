/**
 * Waits for all promises. If any reject, rejects with the error of the first of them, but not before all have settled.
 */
export async function allDone(promises: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(promises);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
