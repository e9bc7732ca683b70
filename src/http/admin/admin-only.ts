import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { RingmainError } from "../../core/errors.ts";

/** Who may use the management routes. */
export type AdminAccess =
  /** Whoever can reach the port by an address of its own: development on a loopback port. */
  | {
      readonly kind: "local";
      /** Host names by which it may be reached as well, in lower case. */
      readonly names?: readonly string[];
    }
  /** Whoever shows this key as a bearer token. */
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "nobody" };

/** What is guarded, and the setting that opens it: for messages. */
interface Guarded {
  readonly what: string;
  readonly setting: string;
}
const MANAGEMENT: Guarded = { what: "Management calls", setting: "adminKey" };

/** Guards routes by {@link checkAdmin}: those of management unless told otherwise. */
export function adminOnly(access: AdminAccess, guarded: Guarded = MANAGEMENT): MiddlewareHandler {
  return async (context, next) => {
    checkAdmin(access, (name) => context.req.header(name), guarded);
    await next();
  };
}

/**
 * Throws `forbidden` or `unauthorized` unless a request may manage. A page of another origin can make a browser send
 * requests here, and can point a name of its own at 127.0.0.1; so `local` access asks that the request names the server
 * by an address or `localhost`, and that a browser sent it, if at all, from a page of this server's own.
 */
export function checkAdmin(
  access: AdminAccess,
  header: (name: string) => string | undefined,
  { what, setting }: Guarded = MANAGEMENT,
): void {
  switch (access.kind) {
    case "local":
      assertOwnPage(header, access.names, what);
      break;
    case "key":
      if (!isSameKey(header("authorization") ?? "", `Bearer ${access.key}`)) {
        throw new RingmainError("unauthorized", `${what} need the header 'Authorization: Bearer <${setting}>'.`);
      }
      break;
    case "nobody":
      throw new RingmainError(
        "forbidden",
        `${what} are off: production mode answers them only where '${setting}' is configured.`,
      );
    default:
      access satisfies never;
  }
}

/**
 * Throws `forbidden` unless a request names the server by an address, and no page of another origin sent it.
 * @param names further host names by which the server may be named, in lower case
 * @param what begins the message
 */
export function assertOwnPage(
  header: (name: string) => string | undefined,
  names: readonly string[] = [],
  what = "Management calls",
): void {
  if (!isOwnAddress(header("host") ?? "", names) || isForeignPage(header)) {
    throw new RingmainError("forbidden", `${what} are taken from this machine's own addresses only.`);
  }
}

/** An IP address or `localhost`, with any port: no name that somebody else's DNS could answer for. */
function isOwnAddress(host: string, names: readonly string[]): boolean {
  if (/^(?:localhost|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])(?::\d+)?$/i.test(host)) return true;
  return names.includes(host.toLowerCase().replace(/:\d+$/, ""));
}

function isForeignPage(header: (name: string) => string | undefined): boolean {
  const site = header("sec-fetch-site");
  if (site !== undefined && site !== "same-origin" && site !== "none") return true;
  const origin = header("origin");
  const host = header("host") ?? "";
  return origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
}

/** Compares digests, so that neither length nor content shows in the time it takes. */
export function isSameKey(shown: string, wanted: string): boolean {
  return timingSafeEqual(digest(shown), digest(wanted));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
