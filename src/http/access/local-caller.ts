import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { isLoopbackAddress } from "../../auth/loopback.ts";

/** The parts of a request that say where it comes from, and what it shows. */
export interface Requester {
  /** The address that the connection comes from; unset where there is no connection. */
  readonly address: string | undefined;
  /** Returns a header's value, by its name in lower case. */
  readonly header: (name: string) => string | undefined;
}

/** Returns who sent a request that the app serves. */
export function requesterOf(context: Context): Requester {
  return { address: peerAddressOf(context), header: (name) => context.req.header(name) };
}

/** Returns the address that a request's connection comes from; `undefined` in a test that calls the app itself. */
export function peerAddressOf(context: Context): string | undefined {
  const env = context.env as Partial<HttpBindings> | undefined;
  return env?.incoming?.socket.remoteAddress;
}

/** Headers by which proxies tell whom they speak for. One on this machine connects from loopback for everybody. */
const PROXY_HEADERS = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];
const SHOWN_CHARS = 100;

/**
 * Returns why a request is not taken for one by a program of this machine, half a sentence; `undefined` for one that
 * is. The connection's address decides: headers can only take away. Source: [EG-ACCESS-LOCAL]
 *
 * @param names host names that only this server is reached by, in lower case
 */
export function whyNotLocal({ address, header }: Requester, names: readonly string[]): string | undefined {
  if (address === undefined || !isLoopbackAddress(address)) {
    return `this one comes from ${address ?? "an address that is not known"}`;
  }
  const proxied = PROXY_HEADERS.find((name) => header(name) !== undefined);
  if (proxied !== undefined) return `this one came by a proxy, as its header '${proxied}' says`;
  return whyForeign({ header }, names);
}

/**
 * Returns why a request may come by a page of another origin, half a sentence; `undefined` where none can have sent it.
 * Such a page makes a browser send requests here, and can point a name of its own at 127.0.0.1: so a request has to name
 * the server by an address or a name that is known, and a page of its own has to have sent it, if any.
 */
export function whyForeign({ header }: Pick<Requester, "header">, names: readonly string[]): string | undefined {
  const host = header("host") ?? "";
  if (!isOwnAddress(host, names)) {
    return `this one names the server as '${host.slice(0, SHOWN_CHARS)}', which is none of its addresses or 'tls.names'`;
  }
  return isForeignPage(header, host) ? "this one was sent by a page of another origin" : undefined;
}

/** An IP address or `localhost`, with any port: no name that is looked up in DNS. */
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
