/** An object type without `undefined` members, at every level. */
export type WithoutUndefined<Value> = Value extends readonly unknown[]
  ? Value
  : Value extends object
    ? { [Name in keyof Value]: WithoutUndefined<Exclude<Value[Name], undefined>> }
    : Value;

/** Removes members that are `undefined`, at every level. In resources, a member that is not set is absent. */
export function withoutUndefined<Value extends object>(value: Value): WithoutUndefined<Value> {
  return cleaned(value) as WithoutUndefined<Value>;
}

/**
 * Copies member by member: a round trip through JSON text takes ten times as long, which matters at 100,000
 * subscriptions.
 */
function cleaned(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(cleaned);
  const kept: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const member = (value as Readonly<Record<string, unknown>>)[name];
    if (member !== undefined) kept[name] = cleaned(member);
  }
  return kept;
}
