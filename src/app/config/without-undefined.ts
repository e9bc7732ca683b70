/** An object type whose members are absent where they might have been `undefined`, at every level. */
export type WithoutUndefined<Value> = Value extends readonly unknown[]
  ? Value
  : Value extends object
    ? { [Name in keyof Value]: WithoutUndefined<Exclude<Value[Name], undefined>> }
    : Value;

/** Drops members that are `undefined`, at every level: resources say "not set" by absence. */
export function withoutUndefined<Value extends object>(value: Value): WithoutUndefined<Value> {
  return JSON.parse(JSON.stringify(value)) as WithoutUndefined<Value>;
}
