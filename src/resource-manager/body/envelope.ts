import { RingmainError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Identifiable, Resource, ResourceIdentity } from "../../core/resources/resources.ts";
import { DEFAULT_TENANT_ID } from "../../core/resources/resource-id.ts";
import type { ReadContext, ResourceType, WriteContext } from "../wire/arm-type.ts";
import { given } from "./given.ts";
import type { JsonReader } from "./json-reader.ts";

/** Where file-declared resources are, whose region nobody chose. */
const LOCAL = "local";
const TAGS = 50;
const TAG_NAME_CHARS = 512;
const TAG_VALUE_CHARS = 256;

/** What every read begins with. Nulls are written, as the service writes them. */
export function readProxy({ name }: Resource, { id, type }: ReadContext): JsonObject {
  return { id, name, type, systemData: null };
}

/** What the read of a resource with location and tags begins with. */
export function readTracked(resource: Resource, context: ReadContext): JsonObject {
  return { ...readProxy(resource, context), location: resource.location, tags: resource.tags ?? null };
}

/** The members of a desired resource that are not its properties. */
interface Envelope<Type extends ResourceType> {
  readonly id: string;
  readonly name: string;
  readonly type: Type;
  readonly location: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly managedBy?: "config";
  readonly configName?: string;
}

/** The envelope of a resource that a PUT describes. `location` is where it is, for what has no choice. */
export function writeEnvelope<Type extends ResourceType>(
  type: Type,
  body: JsonReader,
  { id, name, before }: WriteContext<Type>,
  location?: string,
): Envelope<Type> {
  return given({
    id,
    name,
    type,
    location: location ?? locationOf(body, { type, name, before: before?.location }),
    tags: tagsOf(body),
    managedBy: before?.managedBy,
    configName: before?.configName,
  }) as Envelope<Type>;
}

/** The envelope of a resource that a PATCH changes: its tags, if it names any. */
export function patchEnvelope<Type extends ResourceType>(
  type: Type,
  body: JsonReader,
  before: Omit<Envelope<Type>, "type">,
): Envelope<Type> {
  const { id, name, location, managedBy, configName } = before;
  return given({
    id,
    name,
    type,
    location,
    managedBy,
    configName,
    tags: tagsOf(body) ?? before.tags,
  }) as Envelope<Type>;
}

/**
 * Regions compare without spaces and case. What is in one region does not move to another; what the configuration file
 * declared is in none. [ARM-LOCATION]
 */
function locationOf(
  body: JsonReader,
  { type, name, before }: { readonly type: ResourceType; readonly name: string; readonly before: string | undefined },
): string {
  const location = normalLocation(body.text("location") ?? "");
  if (location === "") {
    throw new RingmainError("location_required", "The location property is required for this definition.");
  }
  if (before === undefined || before === LOCAL || normalLocation(before) === location) return location;
  if (type === "Microsoft.Resources/resourceGroups") {
    throw new RingmainError(
      "invalid_group_location",
      `Invalid resource group location '${location}'. The Resource group '${name}' already exists in location '${before}'.`,
    );
  }
  throw new RingmainError(
    "invalid_resource_location",
    `The resource '${name}' already exists in location '${before}'. A resource with the same name cannot be created in location '${location}'. Please select a new resource name.`,
  );
}

/** @example normalLocation("East US") // "eastus" */
export function normalLocation(location: string): string {
  return location.replaceAll(" ", "").toLowerCase();
}

function tagsOf(body: JsonReader): Readonly<Record<string, string>> | undefined {
  const tags = body.textsByName("tags");
  const entries = Object.entries(tags ?? {});
  if (entries.length > TAGS) {
    throw new RingmainError("invalid_request_content", `${entries.length} tags were given; at most ${TAGS} may be.`);
  }
  if (entries.some(([name, value]) => name.length > TAG_NAME_CHARS || value.length > TAG_VALUE_CHARS)) {
    throw new RingmainError(
      "invalid_request_content",
      `A tag's name may have ${TAG_NAME_CHARS} characters, its value ${TAG_VALUE_CHARS}.`,
    );
  }
  return tags;
}

const IDENTITY_TYPES = ["None", "SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned"] as const;

/** The identity that a body gives a resource; `None` takes it away. */
export function identityOf(body: JsonReader, before?: ResourceIdentity): Identifiable {
  const identity = body.child("identity");
  if (identity === undefined) return before === undefined ? {} : { identity: before };
  const type = identity.oneOf("type", IDENTITY_TYPES) ?? "None";
  if (type === "None") return {};
  const assigned = identity.child("userAssignedIdentities");
  const { principalId, tenantId } = before ?? {};
  const userAssignedIdentities = assigned && Object.fromEntries(assigned.names().map((id) => [id, {}]));
  return { identity: given({ type, principalId, tenantId, userAssignedIdentities }) };
}

/** A resource's identity; one of its own has the id that Ringmain gave the resource, unless another was given. */
export function readIdentity({ identity, uid }: Identifiable & { readonly uid: string }): JsonObject {
  const own = identity?.type.startsWith("SystemAssigned") === true;
  return {
    type: identity?.type ?? "None",
    principalId: own ? (identity?.principalId ?? uid) : null,
    tenantId: own ? (identity?.tenantId ?? DEFAULT_TENANT_ID) : null,
    userAssignedIdentities: (identity?.userAssignedIdentities ?? null) as JsonObject | null,
  };
}
