import { RingmainError } from "../../core/errors.ts";
import type { SourceIdentity } from "../../core/subscriber.ts";
import { definedMembers } from "./defined-members.ts";

/** Destination of events or dead letters, and the identity used for it. */
interface Place<Where> {
  readonly where: Where | undefined;
  readonly identity: SourceIdentity | undefined;
}

/** The two alternative members of a body that set a destination: without or with an identity. */
interface SentPlace<Sent> {
  readonly plain: Sent | null | undefined;
  readonly withIdentity:
    | { readonly identity?: Partial<SourceIdentity>; readonly destination?: Sent }
    | null
    | undefined;
}

/**
 * Returns the new destination. `null` clears the member that is in use, and has no effect on the other one, which reads
 * show as `null`. Throws `invalid_request` if both are set.
 *
 * @param names names of the two members
 * @param kept destination that is kept if neither is set
 */
export function destinationPlace<Sent, Where>(
  names: readonly [plain: string, withIdentity: string],
  { plain, withIdentity }: SentPlace<Sent>,
  kept: Place<Where>,
  write: (sent: Sent) => Where,
): Place<Where> {
  const isPlain = plain !== undefined && plain !== null;
  const isWithIdentity = withIdentity !== undefined && withIdentity !== null;
  if (isPlain && isWithIdentity) {
    throw new RingmainError("invalid_request", `Only one of '${names[0]}' and '${names[1]}' can be given.`);
  }
  if (isPlain) return { where: write(plain), identity: undefined };
  if (isWithIdentity) {
    const { destination: sent, identity: { type = "SystemAssigned", userAssignedIdentity } = {} } = withIdentity;
    const where = sent === undefined ? kept.where : write(sent);
    if (where === undefined) {
      throw new RingmainError("invalid_request", `'${names[1]}' needs a '${names[0]}'.`);
    }
    return { where, identity: definedMembers({ type, userAssignedIdentity }) };
  }
  const isCleared = kept.identity === undefined ? plain === null : withIdentity === null;
  return isCleared ? { where: undefined, identity: undefined } : kept;
}
