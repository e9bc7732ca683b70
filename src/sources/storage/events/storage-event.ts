import { assertNever } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { EpochMs } from "../../../core/time.ts";
import type { SystemEvent } from "../../../ports/event-source.ts";
import type { Random } from "../../../ports/random.ts";
import type { BlobAddress } from "../calls/blob-address.ts";
import { DEFAULT_TIER, unquoted, type BlobProperties } from "../calls/blob-properties.ts";
import type { HeaderLookup, StorageCall } from "../calls/classify-call.ts";

/** A call that the service has carried out. */
export interface CompletedCall {
  readonly call: StorageCall;
  readonly status: number;
  readonly requestHeader: HeaderLookup;
  readonly responseHeader: HeaderLookup;
  /** Length of the request's body. */
  readonly bodyBytes: number;
  /** The blob's properties at the time that `call.facts` names; `undefined` if they could not be read. */
  readonly properties: BlobProperties | undefined;
  readonly url: string;
  readonly completedAt: EpochMs;
  readonly sequencer: string;
}

/** Form of an event's `url`: the blob's production address, or the address that the client used. */
export type UrlForm = "production" | "emulator";

/**
 * Returns the event of a completed call in the service's own form. Returns `undefined` if the call failed, or only
 * started an operation that raises its event later.
 * Source: [EG-STORAGE-EVENT], [EG-STORAGE-DATA]
 */
export function storageEvent(done: CompletedCall, random: Random): SystemEvent | undefined {
  const eventType = eventTypeOf(done);
  if (eventType === undefined) return undefined;
  const { container, name } = done.call.blob;
  const requestId = done.responseHeader("x-ms-request-id");
  return {
    id: eventId(requestId, random),
    eventType: `Microsoft.Storage.${eventType}`,
    subject: `/blobServices/default/containers/${container}/blobs/${name}`,
    eventTime: done.completedAt,
    data: withoutUndefined({
      api: done.call.api,
      clientRequestId: done.requestHeader("x-ms-client-request-id"),
      requestId,
      ...factsOf(done, eventType),
      url: done.url,
      sequencer: done.sequencer,
      storageDiagnostics: { batchId: random.uuid() },
    }),
    dataVersion: "",
  };
}

/**
 * Returns the blob's address for an event. Source: [EG-STORAGE-URL]
 *
 * @param origin origin under which the client reached the service, for example `http://127.0.0.1:10000`
 */
export function blobUrl(form: UrlForm, account: string, blob: BlobAddress, origin: string): string {
  if (form === "emulator") return origin + blob.path;
  // A container's name needs no encoding. The service does not encode colons.
  const name = encodeURIComponent(blob.name).replaceAll("%2F", "/").replaceAll("%3A", ":");
  return `https://${account}.blob.core.windows.net/${blob.container}/${name}`;
}

type StorageEventType = "BlobCreated" | "BlobDeleted" | "BlobTierChanged" | "AsyncOperationInitiated";

function eventTypeOf({ call, status, requestHeader, responseHeader }: CompletedCall): StorageEventType | undefined {
  if (status < 200 || status > 299) return undefined;
  switch (call.api) {
    case "PutBlob":
    case "PutBlockList":
      return "BlobCreated";
    case "CopyBlob": {
      const state = responseHeader("x-ms-copy-status")?.toLowerCase() ?? "success";
      if (state === "success") return "BlobCreated";
      // A priority is set only for copies out of the archive tier. [EG-STORAGE-ASYNC]
      const fromArchive = requestHeader("x-ms-rehydrate-priority") !== undefined;
      return state === "pending" && fromArchive ? "AsyncOperationInitiated" : undefined;
    }
    case "DeleteBlob":
      return "BlobDeleted";
    case "SetBlobTier":
      // 202 means that the blob has begun to leave the archive tier. [EG-STORAGE-ASYNC]
      return status === 202 ? "AsyncOperationInitiated" : "BlobTierChanged";
    default:
      return assertNever(call.api);
  }
}

type Facts = { readonly [name: string]: string | number | undefined };

function factsOf(done: CompletedCall, eventType: StorageEventType): Facts {
  if (eventType === "BlobCreated") return createdFacts(done);
  const { contentType, contentLength, blobType, accessTier: previousTier } = done.properties ?? NO_PROPERTIES;
  if (eventType === "BlobDeleted") return { contentType, blobType };
  if (eventType === "AsyncOperationInitiated") return { contentType, contentLength, blobType };
  return { contentType, contentLength, blobType, accessTier: done.requestHeader("x-ms-access-tier"), previousTier };
}

const NO_PROPERTIES: Partial<BlobProperties> = {};

function createdFacts({ call, requestHeader, responseHeader, bodyBytes, properties }: CompletedCall): Facts {
  const eTag = unquoted(responseHeader("etag"));
  const blobType = requestHeader("x-ms-blob-type");
  const accessTier = requestHeader("x-ms-access-tier") ?? DEFAULT_TIER;
  const contentType = requestHeader("x-ms-blob-content-type");
  if (call.facts === "request") {
    return {
      eTag,
      contentType: contentType ?? requestHeader("content-type") ?? DEFAULT_CONTENT_TYPE,
      contentLength: blobType === "PageBlob" ? Number(requestHeader("x-ms-blob-content-length")) : bodyBytes,
      blobType,
      accessTier,
    };
  }
  if (properties !== undefined && properties.eTag === eTag) {
    const { contentLength, blobType: actualType, accessTier: actualTier } = properties;
    return { eTag, contentType: properties.contentType, contentLength, blobType: actualType, accessTier: actualTier };
  }
  // Another call has changed the blob since, so only the request's own details are certain. [EG-STORAGE-FACTS]
  if (call.api === "CopyBlob") return { eTag, accessTier };
  return { eTag, contentType: contentType ?? DEFAULT_CONTENT_TYPE, blobType: blobType ?? "BlockBlob", accessTier };
}

const DEFAULT_CONTENT_TYPE = "application/octet-stream";

/** Returns the request's id with its last six digits replaced, as the service does. Source: [EG-STORAGE-ID] */
function eventId(requestId: string | undefined, random: Random): string {
  if (requestId === undefined || !/[0-9a-f]{6}$/i.test(requestId)) return random.uuid();
  return requestId.slice(0, -6) + Buffer.from(random.secretBytes(3)).toString("hex");
}

function withoutUndefined(members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && !Number.isNaN(value)));
}
