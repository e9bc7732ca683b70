import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Publisher } from "../../ports/engine-events.ts";

/** Returns the details of a request's sender: the kind of its credential, but never the credential. */
export function publisherOf({ headers, socket }: IncomingMessage, query: URLSearchParams): Publisher {
  return {
    authentication: authenticationOf(headers, query),
    address: socket.remoteAddress,
    tlsVersion: tlsVersionOf(socket),
  };
}

/** Returns the kind of the first credential found. Does not tell which of several was valid. */
function authenticationOf(headers: IncomingHttpHeaders, query: URLSearchParams): Publisher["authentication"] {
  if (headers["aeg-sas-key"] !== undefined) return "Key";
  if (headers["aeg-sas-token"] !== undefined) return "SASToken";
  const scheme = /^\s*(SharedAccessSignature|Bearer)\b/i.exec(headers.authorization ?? "")?.[1]?.toLowerCase();
  if (scheme === "sharedaccesssignature") return "SASToken";
  if (query.has("aeg-sas-key")) return "Key";
  return scheme === "bearer" ? "AADAccessToken" : "Unknown";
}

/** Returns the TLS version, for example `1.3`, or `undefined` without TLS. */
function tlsVersionOf(socket: Socket & Partial<Pick<TLSSocket, "getProtocol">>): string | undefined {
  // The `in` operator would search the whole prototype chain, mostly without finding anything.
  return socket.getProtocol?.()?.replace(/^TLSv/, "");
}
