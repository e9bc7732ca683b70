import { parseBlobAddress, parseTarget, type BlobAddress } from "./blob-address.ts";

/** Returns a header's value by its lower-case name. */
export type HeaderLookup = (name: string) => string | undefined;

/** Name of the operation in an event's `api`. */
export type StorageApi = "PutBlob" | "PutBlockList" | "CopyBlob" | "DeleteBlob" | "SetBlobTier";

/** A call that raises an event if it succeeds. */
export interface StorageCall {
  readonly api: StorageApi;
  readonly blob: BlobAddress;
  /**
   * Source of the event's details: the `request` itself, or the blob's properties `before` the call is forwarded or
   * `after` it has completed.
   */
  readonly facts: "request" | "before" | "after";
}

/** Head of a request, either on its own or in a batch. */
export interface CallHead {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly host: string | undefined;
  readonly header: HeaderLookup;
}

/** The service's own containers. Calls to them raise no events. */
const SILENT_CONTAINERS = new Set(["$logs", "$blobchangefeed"]);

/**
 * Returns the event-raising call in a request, or `undefined` if it raises no event. Creating, replacing, copying,
 * deleting and tiering a blob raise events. Calls to containers and the account, to other components of a blob (its
 * blocks, pages, metadata, properties, lease, tags, …), to snapshots and to versions raise none.
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

/** Returns whether a call is a batch of calls. Source: [EG-STORAGE-BATCH] */
export function isBatch(method: string, target: string): boolean {
  return method === "POST" && parameter(parseTarget(target).query, "comp")?.toLowerCase() === "batch";
}

type CallKind = Pick<StorageCall, "api" | "facts">;

function classifyMethod({ method, header }: CallHead, comp: string | undefined): CallKind | undefined {
  if (method === "DELETE") {
    // `only` deletes the snapshots and keeps the blob.
    const snapshotsOnly = header("x-ms-delete-snapshots")?.toLowerCase() === "only";
    return comp === undefined && !snapshotsOnly ? { api: "DeleteBlob", facts: "before" } : undefined;
  }
  if (method !== "PUT") return undefined;
  if (comp === "blocklist") return { api: "PutBlockList", facts: "after" };
  // The event contains the tier before the change, and the response has no etag to detect later changes.
  if (comp === "tier") return { api: "SetBlobTier", facts: "before" };
  if (comp !== undefined) return undefined;
  const blobType = header("x-ms-blob-type");
  if (header("x-ms-copy-source") === undefined) {
    return blobType === undefined ? undefined : { api: "PutBlob", facts: "request" };
  }
  // A copy with a blob type is Put Blob From URL. Its `api` is not documented. It creates a whole blob in one step,
  // so it is reported as Put Blob.
  return blobType === undefined ? { api: "CopyBlob", facts: "after" } : { api: "PutBlob", facts: "after" };
}

function parameter(query: URLSearchParams, name: string): string | undefined {
  for (const [candidate, value] of query) if (candidate.toLowerCase() === name) return value;
  return undefined;
}
