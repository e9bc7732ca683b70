import { parseBlobAddress, parseTarget, type BlobAddress } from "./blob-address.ts";

/** A header's value by its name in lower case. */
export type HeaderLookup = (name: string) => string | undefined;

/** What the service calls the operation in an event's `api`. */
export type StorageApi = "PutBlob" | "PutBlockList" | "CopyBlob" | "DeleteBlob" | "SetBlobTier";

/** A call that raises an event, should it succeed. */
export interface StorageCall {
  readonly api: StorageApi;
  readonly blob: BlobAddress;
  /**
   * Where the event's facts come from: `request` says all; `before` and `after` need the blob's properties as they
   * are before the call is passed on, or after it was answered.
   */
  readonly facts: "request" | "before" | "after";
}

/** The head of a request, of its own or in a batch. */
export interface CallHead {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly host: string | undefined;
  readonly header: HeaderLookup;
}

/** The service's own containers: nothing in them raises events. */
const SILENT_CONTAINERS = new Set(["$logs", "$blobchangefeed"]);

/**
 * Tells which event a call may raise; `undefined` for none. Creating, replacing, copying, deleting and tiering a
 * blob raise events; everything on containers and the account, every other component of a blob (its blocks, pages,
 * metadata, properties, lease, tags, …), snapshots and versions raise none.
 * Source: [EG-STORAGE-CALLS], [EG-STORAGE-SILENT]
 */
export function classifyCall(account: string, head: CallHead): StorageCall | undefined {
  const { path, query } = parseTarget(head.target);
  if (["restype", "snapshot", "versionid"].some((name) => parameter(query, name) !== undefined)) return undefined;
  const kind = classifyMethod(head, parameter(query, "comp")?.toLowerCase());
  if (kind === undefined) return undefined;
  const blob = parseBlobAddress(account, head.host, path);
  if (blob === undefined || SILENT_CONTAINERS.has(blob.container)) return undefined;
  return { ...kind, blob };
}

/** Whether a call is a batch of calls. Source: [EG-STORAGE-BATCH] */
export function isBatch(method: string, target: string): boolean {
  return method === "POST" && parameter(parseTarget(target).query, "comp")?.toLowerCase() === "batch";
}

type CallKind = Pick<StorageCall, "api" | "facts">;

function classifyMethod({ method, header }: CallHead, comp: string | undefined): CallKind | undefined {
  if (method === "DELETE") {
    // `only` leaves the blob and takes its snapshots.
    const snapshotsOnly = header("x-ms-delete-snapshots")?.toLowerCase() === "only";
    return comp === undefined && !snapshotsOnly ? { api: "DeleteBlob", facts: "before" } : undefined;
  }
  if (method !== "PUT") return undefined;
  if (comp === "blocklist") return { api: "PutBlockList", facts: "after" };
  // Its answer carries no etag to compare with, and the tier before the change is one of the facts.
  if (comp === "tier") return { api: "SetBlobTier", facts: "before" };
  if (comp !== undefined) return undefined;
  const blobType = header("x-ms-blob-type");
  if (header("x-ms-copy-source") === undefined) {
    return blobType === undefined ? undefined : { api: "PutBlob", facts: "request" };
  }
  // With a type, a copy is Put Blob From URL. What the service calls that is not documented: it creates a whole
  // blob in one step, so it goes by the name of the call that does so.
  return blobType === undefined ? { api: "CopyBlob", facts: "after" } : { api: "PutBlob", facts: "after" };
}

function parameter(query: URLSearchParams, name: string): string | undefined {
  for (const [candidate, value] of query) if (candidate.toLowerCase() === name) return value;
  return undefined;
}
