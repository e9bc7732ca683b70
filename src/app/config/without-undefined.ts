/** An object type whose members are absent where they might have been `undefined`, at every level. */
export type WithoutUndefined<Value> = Value extends readonly unknown[]
  ? Value
  : Value extends object
    ? { [Name in keyof Value]: WithoutUndefined<Exclude<Value[Name], undefined>> }
    : Value;

/** Drops members that are `undefined`, at every level: resources say "not set" by absence. */
export function withoutUndefined<Value extends object>(value: Value): WithoutUndefined<Value> {
  return cleaned(value) as WithoutUndefined<Value>;
}

function cleaned(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(cleaned);
  const members: [string, unknown][] = [];
  for (const [name, member] of Object.entries(value)) if (member !== undefined) members.push([name, cleaned(member)]);
  return Object.fromEntries(members);
}
