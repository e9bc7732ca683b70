import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Publisher } from "../../ports/engine-events.ts";

/** What a request shows of its sender: the kind of its credential, never the credential. */
export function publisherOf({ headers, socket }: IncomingMessage, query: URLSearchParams): Publisher {
  return {
    authentication: authenticationOf(headers, query),
    address: socket.remoteAddress,
    tlsVersion: tlsVersionOf(socket),
  };
}

/** The first place that holds anything: which one of several was right is not told. */
function authenticationOf(headers: IncomingHttpHeaders, query: URLSearchParams): Publisher["authentication"] {
  if (headers["aeg-sas-key"] !== undefined) return "Key";
  if (headers["aeg-sas-token"] !== undefined) return "SASToken";
  const scheme = /^\s*(SharedAccessSignature|Bearer)\b/i.exec(headers.authorization ?? "")?.[1]?.toLowerCase();
  if (scheme === "sharedaccesssignature") return "SASToken";
  if (query.has("aeg-sas-key")) return "Key";
  return scheme === "bearer" ? "AADAccessToken" : "Unknown";
}

/** For example `1.3`; `undefined` without TLS. */
function tlsVersionOf(socket: Socket & Partial<Pick<TLSSocket, "getProtocol">>): string | undefined {
  // Not by `in`, which looks through the whole chain of prototypes, and for most finds nothing.
  return socket.getProtocol?.()?.replace(/^TLSv/, "");
}
