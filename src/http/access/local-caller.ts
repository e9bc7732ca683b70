import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { isLoopbackAddress } from "../../auth/loopback.ts";

/** Origin of a request, and its credentials. */
export interface Requester {
  /** IP address of the connection; unset if there is no connection. */
  readonly address: string | undefined;
  /** Returns a header's value by its lower-case name. */
  readonly header: (name: string) => string | undefined;
}

/** Returns the requester of a request to the app. */
export function requesterOf(context: Context): Requester {
  return { address: peerAddressOf(context), header: (name) => context.req.header(name) };
}

/** Returns the IP address of a request's connection; `undefined` in a test that calls the app directly. */
export function peerAddressOf(context: Context): string | undefined {
  const env = context.env as Partial<HttpBindings> | undefined;
  return env?.incoming?.socket.remoteAddress;
}

/**
 * Headers in which proxies name the original client. A proxy on this machine connects from loopback for all clients.
 */
const PROXY_HEADERS = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];
const SHOWN_CHARS = 100;

/**
 * Returns the reason, as half a sentence, why a request does not count as one from a program on this machine;
 * `undefined` if it does. The connection's address is decisive; headers can only be a reason against it. Source:
 * [EG-ACCESS-LOCAL]
 *
 * @param names host names under which only this server is reached, in lower case
 */
export function whyNotLocal({ address, header }: Requester, names: readonly string[]): string | undefined {
  if (address === undefined || !isLoopbackAddress(address)) {
    return `this request comes from ${address ?? "an unknown address"}`;
  }
  const proxied = PROXY_HEADERS.find((name) => header(name) !== undefined);
  if (proxied !== undefined) return `this request came through a proxy (it has the header '${proxied}')`;
  return whyForeign({ header }, names);
}

/**
 * Returns the reason, as half a sentence, why a page of another origin may have sent a request; `undefined` if none
 * can have. Such a page can make a browser send requests here, and can let its own host name resolve to 127.0.0.1.
 * Therefore, a request must name the server by an address or a known name, and if a page sent it, the page must be
 * of the server's own origin.
 */
export function whyForeign({ header }: Pick<Requester, "header">, names: readonly string[]): string | undefined {
  const host = header("host") ?? "";
  if (!isOwnAddress(host, names)) {
    return `this request names the server as '${host.slice(0, SHOWN_CHARS)}', which is not one of its addresses or 'tls.names'`;
  }
  return isForeignPage(header, host) ? "this request was sent by a page of another origin" : undefined;
}

/**
 * Returns whether a host is an IP address or `localhost`, with any port, or one of `names`: no other name can be
 * trusted, because DNS may resolve it to this machine.
 */
function isOwnAddress(host: string, names: readonly string[]): boolean {
  if (/^(?:localhost|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])(?::\d+)?$/i.test(host)) return true;
  return names.includes(host.toLowerCase().replace(/:\d+$/, ""));
}

function isForeignPage(header: Requester["header"], host: string): boolean {
  const site = header("sec-fetch-site");
  if (site !== undefined && site !== "same-origin" && site !== "none") return true;
  const origin = header("origin");
  return origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
}
