/** Location of the blob that a call addresses. */
export interface BlobAddress {
  readonly container: string;
  /** The decoded name, for example `folder/a + b.png`. */
  readonly name: string;
  /** The path as the client sent it: percent-encoded, without the query. */
  readonly path: string;
}

/** The target of a request, split at the first question mark. */
export interface RequestTarget {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** The container of blobs that are addressed without a container. */
const ROOT_CONTAINER = "$root";

/** Parses the target in a request line. */
export function parseTarget(target: string): RequestTarget {
  const mark = target.indexOf("?");
  if (mark === -1) return { path: target, query: new URLSearchParams() };
  return { path: target.slice(0, mark), query: new URLSearchParams(target.slice(mark + 1)) };
}

/**
 * Parses the container and blob from both styles of address: `/{account}/{container}/{blob}`, and
 * `/{container}/{blob}` if the host begins with the account's name. Returns `undefined` for other accounts, for
 * containers, and for a path that is not properly encoded.
 * Source: [EG-STORAGE-ADDRESS]
 */
export function parseBlobAddress(account: string, host: string | undefined, path: string): BlobAddress | undefined {
  const decoded = decode(path);
  if (decoded === undefined || !decoded.startsWith("/")) return undefined;
  // The service itself treats a backslash in a blob's name as a slash.
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
    return undefined; // Malformed encoding. The service will refuse the call, so no event is needed.
  }
}
