import type { IncomingMessage } from "node:http";
import { memoOfLast } from "../core/memo-of-last.ts";

/** Reason, as HTTP status and message, why a listener refuses a request. */
export interface HttpProblem {
  readonly status: number;
  /** The status' name as Azure writes it, for example `BadRequest`. */
  readonly code: string;
  /** One sentence for users. */
  readonly message: string;
  /** Further headers of the response. */
  readonly headers?: Readonly<Record<string, string>>;
}

const badRequest = (message: string): HttpProblem => ({ status: 400, code: "BadRequest", message });

const NOT_HTTP = badRequest("The request is not valid HTTP.");
const WRONG_VERSION = badRequest("The request is not HTTP/1.1 or HTTP/1.0.");
const CODED_VERSION_1_0 = badRequest("A request in HTTP/1.0 cannot have the header 'Transfer-Encoding'.");
const WRONG_HOST = badRequest(
  "The request must have one header 'Host', with a host name or an address, and a port or none.",
);
const WRONG_TARGET = badRequest("The request's target must be a path that begins with '/'.");
const UNKNOWN_CODING: HttpProblem = {
  status: 501,
  code: "NotImplemented",
  message: "The only transfer coding that is supported is 'chunked'.",
};

/** The listener is stopping. Clients are asked to retry. */
export const STOPPING: HttpProblem = {
  status: 503,
  code: "ServiceUnavailable",
  message: "Ringmain is stopping. Send the request again.",
  headers: { "Retry-After": "1" },
};

/** The client asked for a tunnel. */
export const NO_TUNNEL: HttpProblem = {
  status: 405,
  code: "MethodNotAllowed",
  message: "The method CONNECT is not allowed here.",
};

/** The client expects something other than `100-continue`. */
export const UNKNOWN_EXPECTATION: HttpProblem = {
  status: 417,
  code: "ExpectationFailed",
  message: "The only expectation that is supported is '100-continue'.",
};

const BY_ERROR: Readonly<Record<string, HttpProblem>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: "RequestHeaderFieldsTooLarge",
    message: "The headers are too large.",
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: 413,
    code: "RequestEntityTooLarge",
    message: "The extensions of the body's chunks are too large.",
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: "RequestTimeout",
    message: "The request did not arrive in time.",
  },
};

/** Returns the problem for a request that Node could not parse, or `undefined` if the connection itself has failed. */
export function problemOfError({ code = "" }: NodeJS.ErrnoException): HttpProblem | undefined {
  return BY_ERROR[code] ?? (code.startsWith("HPE_") ? NOT_HTTP : undefined);
}

/**
 * Returns the problem of a request that Node has parsed, or `undefined` if it is valid. Called first for every
 * request: later code may build a URL from its target and its `Host`. [EG-HTTP-REFUSED]
 */
export function problemOf({ headers, rawHeaders, httpVersion, url = "" }: IncomingMessage): HttpProblem | undefined {
  if (httpVersion !== "1.1" && httpVersion !== "1.0") return WRONG_VERSION;
  const coding = headers["transfer-encoding"];
  if (coding !== undefined) {
    if (coding.toLowerCase() !== "chunked") return UNKNOWN_CODING;
    if (httpVersion === "1.0") return CODED_VERSION_1_0;
  }
  if (!isHost(headers.host ?? "") || isRepeated(rawHeaders, "host")) return WRONG_HOST;
  return url.startsWith("/") ? undefined : WRONG_TARGET;
}

/** Maximum length of a `Host`. Longer than any host name with a port. */
const MAX_HOST_CHARS = 261;
const HOST = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/**
 * Returns whether a `Host` is valid and a URL built from it has that same host. For example, `0x7f.1` would become
 * `127.0.0.1`. Clients keep sending the same one.
 */
const isHost = memoOfLast((host) => {
  const name = host.length > MAX_HOST_CHARS ? undefined : HOST.exec(host)?.[1];
  const url = `http://${host}/`;
  return name !== undefined && URL.canParse(url) && new URL(url).hostname === name.toLowerCase();
});

/** Returns whether a header occurs more than once. Of several `Host` headers, Node keeps the first. */
function isRepeated(rawHeaders: readonly string[], name: string): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const found = rawHeaders[index] ?? "";
    if (found.length === name.length && found.toLowerCase() === name) count += 1;
  }
  return count > 1;
}
