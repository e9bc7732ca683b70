/** Matches 3 to 63 letters, digits and single hyphens. */
const STORAGE_NAME = /^(?=.{3,63}$)[a-z\d]+(?:-[a-z\d]+)*$/;

/** Returns whether a value may name a blob container or a queue. [EG-QUEUE-NAME] */
export function isStorageName(name: unknown): boolean {
  return typeof name === "string" && STORAGE_NAME.test(name);
}
