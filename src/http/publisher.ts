import type { IncomingMessage } from "node:http";
import type { Publisher } from "../ports/engine-events.ts";

/** What a request shows of its sender: the kind of its credential, never the credential. */
export function publisherOf(request: IncomingMessage, query: URLSearchParams): Publisher {
  const { remoteAddress } = request.socket;
  return {
    authentication: authenticationOf(request, query),
    address: remoteAddress,
    tlsVersion: tlsVersionOf(request.socket),
  };
}

/** The first place that holds anything: which one of several was right is not told. */
function authenticationOf({ headers }: IncomingMessage, query: URLSearchParams): Publisher["authentication"] {
  if (headers["aeg-sas-key"] !== undefined) return "Key";
  if (headers["aeg-sas-token"] !== undefined) return "SASToken";
  const scheme = /^\s*(SharedAccessSignature|Bearer)\b/i.exec(headers.authorization ?? "")?.[1]?.toLowerCase();
  if (scheme === "sharedaccesssignature") return "SASToken";
  if (query.has("aeg-sas-key")) return "Key";
  return scheme === "bearer" ? "AADAccessToken" : "Unknown";
}

/** For example `1.3`; `undefined` without TLS. */
function tlsVersionOf(socket: IncomingMessage["socket"]): string | undefined {
  if (!("getProtocol" in socket) || typeof socket.getProtocol !== "function") return undefined;
  return String(socket.getProtocol()).replace(/^TLSv/, "");
}
