import { request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { sharedKeyAuthorization } from "../../../codec/storage-shared-key.ts";
import type { EpochMs } from "../../../core/time.ts";
import type { HeaderLookup } from "./classify-call.ts";
import { headerOf } from "../header-of.ts";
import type { Upstream } from "../upstream.ts";

/** Properties of a blob, as the service returns them. */
export interface BlobProperties {
  /** The entity tag without quotes. */
  readonly eTag: string | undefined;
  readonly contentType: string | undefined;
  readonly contentLength: number | undefined;
  readonly blobType: string | undefined;
  /** `Default` unless the user set a tier. */
  readonly accessTier: string;
  readonly copyId: string | undefined;
  readonly copyStatus: string | undefined;
}

/** Options for reading a blob's properties. */
export interface PropertiesRequest {
  readonly upstream: Upstream;
  readonly account: { readonly name: string; readonly key: string };
  /** The client's `Host` header, which may contain the account's name. */
  readonly host: string;
  /** The blob's path as the client sent it. */
  readonly path: string;
  /**
   * Headers of the client's call. A blob that is encrypted with the client's own key can be read with that key only.
   */
  readonly header: HeaderLookup;
  readonly now: EpochMs;
}

/** API version of the request. All services in use support it, and it reports all tiers. */
const API_VERSION = "2021-12-02";
const CLIENT_KEY_HEADERS = ["x-ms-encryption-key", "x-ms-encryption-key-sha256", "x-ms-encryption-algorithm"];
const TIMEOUT_MS = 10_000;

/**
 * Requests a blob's properties from the service (Get Blob Properties), signed with the account's key. Resolves with
 * `undefined` if there is no such blob. Rejects if the service does not respond or refuses.
 * Source: [EG-STORAGE-FACTS]
 */
export async function blobProperties(request: PropertiesRequest): Promise<BlobProperties | undefined> {
  const { upstream, account, host, path, now } = request;
  const url = new URL(`http://storage${path}`);
  // The URL class rewrites dot segments. Such a path cannot be signed as it would be sent.
  if (url.pathname !== path) throw new Error("the path is not in normal form");
  const headers: Record<string, string> = {
    host,
    "x-ms-version": API_VERSION,
    "x-ms-date": new Date(now).toUTCString(),
  };
  for (const name of CLIENT_KEY_HEADERS) {
    const value = request.header(name);
    if (value !== undefined) headers[name] = value;
  }
  const authorization = sharedKeyAuthorization({
    account: account.name,
    key: account.key,
    method: "HEAD",
    url,
    headers,
  });
  const response = await head(upstream, path, { ...headers, authorization });
  if (response.statusCode === 404) return undefined;
  if (response.statusCode !== 200) throw new Error(`the service answered ${String(response.statusCode)}`);
  return readProperties((name) => headerOf(response, name));
}

function readProperties(header: HeaderLookup): BlobProperties {
  const length = header("content-length");
  const inferred = header("x-ms-access-tier-inferred")?.toLowerCase() === "true";
  return {
    eTag: unquoted(header("etag")),
    contentType: header("content-type"),
    contentLength: length === undefined ? undefined : Number(length),
    blobType: header("x-ms-blob-type"),
    accessTier: (inferred ? undefined : header("x-ms-access-tier")) ?? DEFAULT_TIER,
    copyId: header("x-ms-copy-id"),
    copyStatus: header("x-ms-copy-status")?.toLowerCase(),
  };
}

function head(upstream: Upstream, path: string, headers: Record<string, string>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { host: upstream.host, port: upstream.port, agent: upstream.agent, method: "HEAD", path, headers };
    const outgoing = httpRequest({ ...options, signal: AbortSignal.timeout(TIMEOUT_MS) }, (response) => {
      response.on("error", reject);
      response.resume();
      resolve(response);
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}

/** Tier that the service reports if the user set none. */
export const DEFAULT_TIER = "Default";

/** Removes the quotes from an entity tag, as events contain it. Source: [EG-STORAGE-ETAG] */
export function unquoted(eTag: string | undefined): string | undefined {
  return eTag?.replace(/^(?:W\/)?"(.*)"$/, "$1");
}
