import { RingmainError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { formatTime, parseHttpTime } from "../../core/time.ts";
import { bodyRequest, type BodyRequest } from "../body/body-request.ts";
import { READ_ENVELOPE } from "../body/envelope.ts";
import { changes, mapOf, oneOf, part, text } from "../body/members.ts";

/** A kind of items in a storage account's service: blob containers or queues. */
export interface StorageKind {
  readonly service: "blob" | "queue";
  /** The type of the service below the account. */
  readonly services: "blobServices" | "queueServices";
  readonly items: "containers" | "queues";
  /** Query of a REST API call on one item. */
  readonly query: Readonly<Record<string, string>>;
  /** Query of a REST API call that reads one item. */
  readonly readQuery: Readonly<Record<string, string>>;
  /** The XML element of an item in a list. */
  readonly element: "Container" | "Queue";
  /** Status codes of a first PUT and of a DELETE. */
  readonly answers: { readonly created: number; readonly deleted: number };
}

/** All kinds of items. [ARM-STORAGE-CONTAINER] */
export const STORAGE_KINDS: readonly StorageKind[] = [
  {
    service: "blob",
    services: "blobServices",
    items: "containers",
    query: { restype: "container" },
    readQuery: { restype: "container" },
    element: "Container",
    answers: { created: 201, deleted: 200 },
  },
  {
    service: "queue",
    services: "queueServices",
    items: "queues",
    query: {},
    readQuery: { comp: "metadata" },
    element: "Queue",
    answers: { created: 200, deleted: 204 },
  },
];

const NAME = /^(?:\$root|\$web|\$logs|(?=.{3,63}$)[a-z0-9](?:-?[a-z0-9])*)$/;
const ACCESS = ["None", "Container", "Blob"] as const;
/** Matches a valid metadata name. Names and values become headers. */
const METADATA_NAME = /^[a-z_]\w{0,255}$/i;
const METADATA_VALUE = /^[ -~]{0,8192}$/;
const METADATA = "x-ms-meta-";
const ACCESS_HEADER = "x-ms-blob-public-access";

/** A change to an item, as headers of the service's own API. Missing parts are not changed. */
export interface StorageItemWrite {
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly access: Readonly<Record<string, string>> | undefined;
}

/** Names of further members in reads of a container or a queue. */
const PROPERTIES_READ = [
  "approximateMessageCount",
  "defaultEncryptionScope",
  "deleted",
  "denyEncryptionScopeOverride",
  "hasImmutabilityPolicy",
  "hasLegalHold",
  "lastModifiedTime",
  "leaseState",
  "leaseStatus",
  "publicAccess",
];
const METADATA_MEMBER = { metadata: mapOf(text) };

/** Body of a PUT or a PATCH. A PUT of an existing item works like a PATCH, except for `null`. */
export type StorageItemRequest = BodyRequest<{ readonly method: string }, StorageItemWrite>;

const CONTAINER: StorageItemRequest = bodyRequest(
  changes({ properties: part({ ...METADATA_MEMBER, publicAccess: oneOf(ACCESS) }, PROPERTIES_READ) }, READ_ENVELOPE),
  ({ properties }, { method }: { readonly method: string }) => {
    const { metadata, publicAccess } = properties ?? {};
    const access = cleared(publicAccess, "None", method);
    return {
      metadata: metadataHeaders(cleared(metadata, {}, method)),
      access: access && (access === "None" ? {} : { [ACCESS_HEADER]: access.toLowerCase() }),
    };
  },
);
const QUEUE: StorageItemRequest = bodyRequest(
  changes({ properties: part(METADATA_MEMBER, PROPERTIES_READ) }, READ_ENVELOPE),
  ({ properties }, { method }: { readonly method: string }) => ({
    metadata: metadataHeaders(cleared(properties?.metadata, {}, method)),
    access: undefined,
  }),
);

/** Returns the reader of bodies for containers or queues. Errors: `invalid_request`, `invalid_request_content`. */
export function storageItemRequest({ items }: StorageKind): StorageItemRequest {
  return items === "containers" ? CONTAINER : QUEUE;
}

/** Throws `invalid_resource_name` for a name that no container and no queue may have. */
export function checkStorageName({ items }: StorageKind, name: string): void {
  if (NAME.test(name)) return;
  const rule = "3 to 63 lower-case letters, digits and single hyphens";
  throw new RingmainError("invalid_resource_name", `The name '${name}' is not valid for ${items}: it has ${rule}.`);
}

/** Replaces `null` by the empty value in a PATCH, which clears the member; in a PUT, `null` counts as absent. */
function cleared<Value>(value: Value | null | undefined, empty: Value, method: string): Value | undefined {
  if (value !== null) return value;
  return method === "PATCH" ? empty : undefined;
}

function metadataHeaders(metadata: Readonly<Record<string, string>> | undefined): StorageItemWrite["metadata"] {
  for (const [key, value] of Object.entries(metadata ?? {})) {
    if (METADATA_NAME.test(key) && METADATA_VALUE.test(value)) continue;
    const message = `The metadata '${key.slice(0, 80)}' is not valid: its name is an identifier, its value printable ASCII.`;
    throw new RingmainError("invalid_request", message);
  }
  return metadata && Object.fromEntries(Object.entries(metadata).map(([key, value]) => [METADATA + key, value]));
}

/** Returns a container or queue as clients see it, from the response headers of its service. [ARM-STORAGE-CONTAINER] */
export function readStorageItem(
  { services, items }: StorageKind,
  { id, name, headers }: { readonly id: string; readonly name: string; readonly headers: Headers },
): JsonObject {
  const metadata: Record<string, string> = {};
  for (const [header, value] of headers) {
    if (header.startsWith(METADATA)) metadata[header.slice(METADATA.length)] = value;
  }
  const common = { id, name, type: `Microsoft.Storage/storageAccounts/${services}/${items}` };
  if (items === "queues") {
    const count = Number(headers.get("x-ms-approximate-messages-count") ?? 0);
    return { ...common, properties: { metadata, approximateMessageCount: count } };
  }
  const access = headers.get(ACCESS_HEADER) ?? "none";
  const changed = parseHttpTime(headers.get("last-modified") ?? "");
  return {
    ...common,
    etag: headers.get("etag"),
    properties: {
      publicAccess: ACCESS.find((known) => known.toLowerCase() === access) ?? "None",
      metadata,
      lastModifiedTime: changed === undefined ? null : formatTime(changed),
      leaseStatus: "Unlocked",
      leaseState: "Available",
      hasImmutabilityPolicy: false,
      hasLegalHold: false,
      defaultEncryptionScope: "$account-encryption-key",
      denyEncryptionScopeOverride: false,
      deleted: false,
    },
  };
}

/** Returns an account's only service, `default`. It has no settings that clients can change. */
export function readStorageService({ services, service }: StorageKind, accountId: string): JsonObject {
  return {
    id: `${accountId}/${services}/default`,
    name: "default",
    type: `Microsoft.Storage/storageAccounts/${services}`,
    properties: {
      cors: { corsRules: [] },
      ...(service === "blob" ? { deleteRetentionPolicy: { enabled: false }, isVersioningEnabled: false } : {}),
    },
  };
}

/**
 * Returns the names in a page of a service's list, and the next page's marker; the names need no unescaping from XML.
 */
export function readStorageNames(
  xml: string,
  { element }: StorageKind,
): { readonly names: readonly string[]; readonly next: string } {
  const names = Array.from(
    xml.matchAll(new RegExp(`<${element}>\\s*<Name>([^<]+)</Name>`, "g")),
    ([, name = ""]) => name,
  );
  return { names, next: /<NextMarker>([^<]+)<\/NextMarker>/.exec(xml)?.[1] ?? "" };
}
