/** The type of an object in which members that may be `undefined` are optional instead. */
export type DefinedMembers<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Returns an object without the members that are `undefined`: resources omit members that are not set. */
export function definedMembers<T extends object>(members: T): DefinedMembers<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as DefinedMembers<T>;
}
