/** Where a call's blob is. */
export interface BlobAddress {
  readonly container: string;
  /** Decoded, for example `folder/a + b.png`. */
  readonly name: string;
  /** The path as the client sent it: percent-encoded, without the query. */
  readonly path: string;
}

/** A request's target, split at the first question mark. */
export interface RequestTarget {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** The container of blobs that are addressed without one. */
const ROOT_CONTAINER = "$root";

/** Splits what stands between method and version in a request line. */
export function parseTarget(target: string): RequestTarget {
  const mark = target.indexOf("?");
  if (mark === -1) return { path: target, query: new URLSearchParams() };
  return { path: target.slice(0, mark), query: new URLSearchParams(target.slice(mark + 1)) };
}

/**
 * Finds container and blob in both styles of address: `/{account}/{container}/{blob}`, and `/{container}/{blob}` where
 * the host begins with the account's name. `undefined` for other accounts, for containers, and for what is not
 * properly encoded.
 * Source: [EG-STORAGE-ADDRESS]
 */
export function parseBlobAddress(account: string, host: string | undefined, path: string): BlobAddress | undefined {
  const decoded = decode(path);
  if (decoded === undefined || !decoded.startsWith("/")) return undefined;
  // Storage itself takes a backslash in a blob's name for a slash.
  const segments = decoded.slice(1).replaceAll("\\", "/").split("/");
  const inHost = host?.toLowerCase().startsWith(`${account}.`) === true;
  if (!inHost && segments.shift() !== account) return undefined;
  const [first = "", ...rest] = segments;
  if (first === "") return undefined;
  if (rest.length === 0) return { container: ROOT_CONTAINER, name: first, path };
  const name = rest.join("/");
  return name === "" ? undefined : { container: first, name, path };
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined; // malformed encoding: the service will refuse the call, and nothing will have happened
  }
}
