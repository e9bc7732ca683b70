/**
 * Returns a body with the changes of a PATCH applied; members that the PATCH sets to `null` are absent. A PATCH is thus
 * the PUT of the changed stored resource. Source: [ARM-PATCH-NULL]
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
