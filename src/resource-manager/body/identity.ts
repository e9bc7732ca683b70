import { RingmainError } from "../../core/errors.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { DEFAULT_TENANT_ID } from "../../core/resources/resource-id.ts";
import type { Identifiable, ResourceIdentity } from "../../core/resources/resources.ts";
import { definedMembers } from "./defined-members.ts";
import { changes, json, mapOf, mapOfChanges, object, oneOf, text, type Member, type ObjectMember } from "./members.ts";
import { merged } from "./merged.ts";

const TYPES = oneOf(["None", "SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned"]);
/** The type of an identity. Both types together are accepted with and without a space after the comma. */
const TYPE: Member<ResourceIdentity["type"]> = {
  read: (value, at, notes) => {
    const words = text.read(value, at, notes).split(",", 3);
    return TYPES.read(words.map((word) => word.trim()).join(", "), at, notes);
  },
};
/** Most assigned identities of one resource, over all changes. [ARM-BODY-LIMITS] */
const MAX_ASSIGNED = 1_000;
/** Members that only Ringmain sets. */
const OWN = ["principalId", "tenantId"];

/** The identity that a PUT gives a resource. */
interface IdentityBody {
  readonly type?: ResourceIdentity["type"];
  /** The assigned identities, by id. */
  readonly userAssignedIdentities?: Readonly<Record<string, JsonValue>>;
}

/** The identity member of a PUT. */
export const IDENTITY: ObjectMember<IdentityBody> = object({ type: TYPE, userAssignedIdentities: mapOf(json) }, OWN);

/** Changes of a PATCH to the identity of a resource. */
interface IdentityChanges {
  readonly type?: ResourceIdentity["type"] | null;
  readonly userAssignedIdentities?: Readonly<Record<string, JsonValue | null>> | null;
}

/** The identity member of a PATCH: named identities are added, or removed if they are `null`. */
export const IDENTITY_CHANGES: ObjectMember<IdentityChanges> = changes(
  { type: TYPE, userAssignedIdentities: mapOfChanges(json) },
  OWN,
);

/** Returns the identity that a body describes; `None` removes it. Ids that Ringmain has assigned before are kept. */
export function writeIdentity(body: IdentityBody | undefined, before: ResourceIdentity | undefined): Identifiable {
  const { type = "None", userAssignedIdentities: assigned } = body ?? {};
  if (type === "None") return {};
  const number = Object.keys(assigned ?? {}).length;
  if (number > MAX_ASSIGNED) {
    const message = `'identity.userAssignedIdentities' may have at most ${MAX_ASSIGNED} identities; it would have ${number}.`;
    throw new RingmainError("invalid_request_content", message);
  }
  const { principalId, tenantId } = before ?? {};
  const userAssignedIdentities = assigned && Object.fromEntries(Object.keys(assigned).map((id) => [id, {}]));
  return { identity: definedMembers({ type, principalId, tenantId, userAssignedIdentities }) };
}

/** Returns a resource's identity after a PATCH, like {@link writeIdentity} for a PUT. */
export function changeIdentity(
  body: IdentityChanges | null | undefined,
  before: ResourceIdentity | undefined,
): Identifiable {
  if (body === undefined) return before === undefined ? {} : { identity: before };
  if (body === null) return {};
  const type = body.type === undefined ? before?.type : (body.type ?? "None");
  const own = type?.includes("UserAssigned") === true ? before?.userAssignedIdentities : undefined;
  const { userAssignedIdentities: named } = body;
  const assigned = named === null ? {} : merged<Readonly<Record<string, unknown>>>(own ?? {}, named);
  const ids = Object.keys(assigned).map((id) => [id, {}] as const);
  return writeIdentity(
    definedMembers({ type, userAssignedIdentities: ids.length === 0 ? undefined : Object.fromEntries(ids) }),
    before,
  );
}

/**
 * Returns an identity as clients see it. A system-assigned one has the resource's `uid`, unless it stores an id of its
 * own.
 */
export function readIdentity({ identity, uid }: Identifiable & { readonly uid: string }): JsonObject {
  const own = identity?.type.startsWith("SystemAssigned") === true;
  return {
    type: identity?.type ?? "None",
    principalId: own ? (identity?.principalId ?? uid) : null,
    tenantId: own ? (identity?.tenantId ?? DEFAULT_TENANT_ID) : null,
    userAssignedIdentities: (identity?.userAssignedIdentities ?? null) as JsonObject | null,
  };
}
