import { RingmainError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { formatTime, parseHttpTime } from "../../core/time.ts";
import type { JsonReader } from "../body/json-reader.ts";

/** What a storage account keeps in a service: containers of blobs, or queues. */
export interface StorageKind {
  readonly service: "blob" | "queue";
  /** Below the account, as types are written. */
  readonly services: "blobServices" | "queueServices";
  readonly items: "containers" | "queues";
  /** What its REST API puts into the query for one of them. */
  readonly query: Readonly<Record<string, string>>;
  /** What one of them is asked for with. */
  readonly readQuery: Readonly<Record<string, string>>;
  /** The element of a list. */
  readonly element: "Container" | "Queue";
  /** The status that a first PUT and a DELETE are answered with. */
  readonly answers: { readonly created: number; readonly deleted: number };
}

/** The kinds there are. [ARM-STORAGE-CONTAINER] */
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
/** They become headers. */
const METADATA_NAME = /^[a-z_]\w{0,255}$/i;
const METADATA_VALUE = /^[ -~]{0,8192}$/;
const METADATA = "x-ms-meta-";
const ACCESS_HEADER = "x-ms-blob-public-access";

/** What a PUT or PATCH asks for, as headers of the service's own API. Absent parts stay as they are. */
export interface StorageItemWrite {
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly access: Readonly<Record<string, string>> | undefined;
}

/** Reads what is asked for. Errors: `invalid_request`, `invalid_request_content`. */
export function writeStorageItem(body: JsonReader, { items }: StorageKind, name: string): StorageItemWrite {
  if (!NAME.test(name)) {
    const rule = "3 to 63 lower-case letters, digits and single hyphens";
    throw new RingmainError("invalid_resource_name", `The name '${name}' is not valid for ${items}: it has ${rule}.`);
  }
  const properties = body.child("properties");
  const metadata = properties?.textsByName("metadata");
  for (const [key, value] of Object.entries(metadata ?? {})) {
    if (METADATA_NAME.test(key) && METADATA_VALUE.test(value)) continue;
    const message = `The metadata '${key.slice(0, 80)}' is not valid: its name is an identifier, its value printable ASCII.`;
    throw new RingmainError("invalid_request", message);
  }
  const access = items === "containers" ? properties?.oneOf("publicAccess", ACCESS) : undefined;
  return {
    metadata: metadata && Object.fromEntries(Object.entries(metadata).map(([key, value]) => [METADATA + key, value])),
    access: access && (access === "None" ? {} : { [ACCESS_HEADER]: access.toLowerCase() }),
  };
}

/** A container or queue as it is read, from the headers that its service answers with. [ARM-STORAGE-CONTAINER] */
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

/** An account's service, of which there is one, `default`; nothing about it can be set here. */
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

/** The names in a page of a service's list, and where the next begins; their characters need no escaping in XML. */
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
