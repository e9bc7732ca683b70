import type { Member, ObjectMember } from "./members.ts";

/**
 * The body of a call. Reading it returns a function that computes the requested resource, and that is called again if
 * the stored resource has changed in the meantime. Both reading and calling throw if the body is invalid.
 */
export interface BodyRequest<Context, Asked> extends Member<(context: Context) => Asked> {
  readonly table: ObjectMember<unknown>;
}

/** Combines a table with the function that takes the members read by the table. */
export function bodyRequest<Body, Context, Asked>(
  table: ObjectMember<Body>,
  ask: (body: Body, context: Context) => Asked,
): BodyRequest<Context, Asked> {
  return {
    table,
    read(value, at, notes) {
      const body = table.read(value, at, notes);
      return (context) => ask(body, context);
    },
  };
}

/** Returns the paths of all members of a table; a part is replaced by its own members. */
export function memberPaths({ members }: ObjectMember<unknown>, before = ""): string[] {
  return Object.entries(members).flatMap(([name, member]) =>
    isPart(member) ? memberPaths(member, `${before}${name}.`) : [before + name],
  );
}

function isPart(member: object): member is ObjectMember<unknown> {
  return "isPart" in member;
}
