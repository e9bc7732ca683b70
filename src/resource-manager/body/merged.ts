/**
 * Returns a body with the members that a PATCH names in place of its own; those that it names as `null` are absent. So a PATCH is
 * the PUT of what is there, changed. Source: [ARM-PATCH-NULL]
 */
export function merged<Body extends object>(
  before: Body,
  changes: { readonly [Name in keyof Body]?: Body[Name] | null } | null | undefined,
): Body {
  const members = new Map<string, unknown>(Object.entries(before));
  for (const [name, value] of Object.entries(changes ?? {})) {
    if (value === null) members.delete(name);
    else if (value !== undefined) members.set(name, value);
  }
  return Object.fromEntries(members) as Body;
}
