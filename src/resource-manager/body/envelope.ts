import { RingmainError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { kindOf } from "../../core/kinds/index.ts";
import type { Resource, ResourceType } from "../../core/resources/resources.ts";
import type { ReadContext, WriteContext } from "../wire/arm-type.ts";
import { definedMembers } from "./defined-members.ts";
import { mapOf, text, type TableOf } from "./members.ts";
import { merged } from "./merged.ts";

/** Location of resources from the configuration file, which have no chosen region. */
const LOCAL = "local";
const TAGS = 50;
const TAG_NAME_CHARS = 512;
const TAG_VALUE_CHARS = 256;

/** Members of a tracked resource's body outside its properties. */
interface TrackedBody {
  readonly location?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** Members of every tracked resource's body. */
export const TRACKED: TableOf<TrackedBody> = { location: text, tags: mapOf(text) };
/** Names of the members that every read begins with, and that clients send back. */
export const READ_ENVELOPE: readonly string[] = ["id", "name", "type", "systemData", "etag"];

/** Returns the members that every read begins with. Nulls are written, as the service writes them. */
export function readProxy({ name }: Resource, { id, type }: ReadContext): JsonObject {
  return { id, name, type, systemData: null };
}

/** Returns the members that the read of a resource with location and tags begins with. */
export function readTracked(resource: Resource, context: ReadContext): JsonObject {
  return { ...readProxy(resource, context), location: resource.location, tags: resource.tags ?? null };
}

/** Members of a desired resource other than its properties. */
interface Envelope<Type extends ResourceType> {
  readonly id: string;
  readonly name: string;
  readonly type: Type;
  readonly location: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly managedBy?: "config";
  readonly configName?: string;
}

/** Returns the envelope of a resource that a PUT describes. `location` is set for kinds whose location is fixed. */
export function putEnvelope<Type extends ResourceType>(
  type: Type,
  body: TrackedBody,
  { id, name, before }: WriteContext<Type>,
  location?: string,
): Envelope<Type> {
  return definedMembers({
    id,
    name,
    type,
    location: location ?? locationOf(body.location, { type, name, before: before?.location }),
    tags: checkedTags(body.tags),
    managedBy: before?.managedBy,
    configName: before?.configName,
  }) as Envelope<Type>;
}

/** Returns the envelope of a resource that a PATCH changes, with the tags of the body, if it has any. */
export function patchEnvelope<Type extends ResourceType>(
  type: Type,
  tags: TrackedBody["tags"] | null,
  context: WriteContext<Type> & { readonly before: Pick<Resource, "location" | "tags"> },
): Envelope<Type> {
  const { location, tags: before } = context.before;
  return putEnvelope(
    type,
    merged<TrackedBody>(definedMembers({ tags: before }), definedMembers({ tags })),
    context,
    location,
  );
}

/**
 * Returns the location of a written resource. Throws if the write would move it to another region. Regions are compared
 * without spaces and case. Resources from the configuration file are in no region. [ARM-LOCATION]
 */
function locationOf(
  sent: string | undefined,
  { type, name, before }: { readonly type: ResourceType; readonly name: string; readonly before: string | undefined },
): string {
  const kind = kindOf({ type });
  if (kind.location === "global") return "global";
  const location = normalLocation(sent ?? "");
  if (location === "") {
    throw new RingmainError("location_required", "The location property is required for this definition.");
  }
  if (before === undefined || before === LOCAL || normalLocation(before) === location) return location;
  if (kind.placement.kind === "subscription") {
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

/**
 * Returns a region's name in lower case and without spaces.
 * @example normalLocation("East US") // "eastus"
 */
export function normalLocation(location: string): string {
  return location.replaceAll(" ", "").toLowerCase();
}

function checkedTags(tags: TrackedBody["tags"]): TrackedBody["tags"] {
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
