import type { Member, ObjectMember } from "./members.ts";

/**
 * The body of a call, as a member that reads as what the body asks for: a function, which may be called again when what is
 * there has changed. Reading and calling throw for what is wrong with the body.
 */
export interface BodyRequest<Context, Asked> extends Member<(context: Context) => Asked> {
  readonly table: ObjectMember<unknown>;
}

/** Joins a table to the function that takes what was read by it. */
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

/** The members of a table as paths, with those of parts in place of the parts. */
export function memberPaths({ members }: ObjectMember<unknown>, before = ""): string[] {
  return Object.entries(members).flatMap(([name, member]) =>
    isPart(member) ? memberPaths(member, `${before}${name}.`) : [before + name],
  );
}

function isPart(member: object): member is ObjectMember<unknown> {
  return "isPart" in member;
}
