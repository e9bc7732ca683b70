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
  return whyForeign({ address, header }, names);
}

/**
 * Returns the reason, as half a sentence, why a page of another origin may have sent a request; `undefined` if none
 * can have. Such a page can make a browser send requests here, and can let its own host name resolve to 127.0.0.1.
 * Therefore, a request must name the server by a loopback address or a known name, and if a page sent it, the page must
 * be of the server's own origin. From another machine, it can name any address: a page there has no power over
 * addresses.
 */
export function whyForeign({ address, header }: Requester, names: readonly string[]): string | undefined {
  const host = header("host") ?? "";
  const isFromHere = address === undefined || isLoopbackAddress(address);
  if (!isOwnName(host, names) && (isFromHere || !ADDRESS.test(host))) {
    return `this request names the server as '${host.slice(0, SHOWN_CHARS)}', which is not a loopback address, 'localhost' or one of 'tls.names'`;
  }
  return isForeignPage(header, host) ? "this request was sent by a page of another origin" : undefined;
}

/** Matches the hosts, with any port, for which browsers say where a request comes from even without TLS. */
const LOOPBACK_HOST = /^(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])(?::\d+)?$/i;

/**
 * Returns whether a host is a loopback address, `localhost` or a name below it, or one of `names`: DNS may resolve any
 * other name to this machine. For other addresses that lead here, such as `0.0.0.0`, a browser sends a page's request
 * without `Origin` and `Sec-Fetch-Site`.
 */
function isOwnName(host: string, names: readonly string[]): boolean {
  return LOOPBACK_HOST.test(host) || names.includes(host.toLowerCase().replace(/:\d+$/, ""));
}

function isForeignPage(header: Requester["header"], host: string): boolean {
  const site = header("sec-fetch-site");
  if (site !== undefined && site !== "same-origin" && site !== "none") return true;
  const origin = header("origin");
  return origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
}
