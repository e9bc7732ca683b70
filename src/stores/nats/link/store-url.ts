import { RingmainError } from "../../../core/errors.ts";

/** Servers to connect to, and how. */
export interface ServerAddresses {
  /** `host:port` */
  readonly addresses: string[];
  /** A user's name, or, without `password`, a token. */
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly tls: boolean;
}

const DEFAULT_PORT = "4222";

/**
 * Reads `nats://[user:password@]host[:port][,host[:port]…]`, or several such texts. The first user named is used
 * everywhere; one `tls://` encrypts everything.
 *
 * Errors: `invalid_request`; the message does not repeat a password.
 */
export function parseServers(servers: string | readonly string[]): ServerAddresses {
  const texts = (typeof servers === "string" ? [servers] : servers).flatMap((text) => text.split(","));
  const addresses: string[] = [];
  let user: string | undefined;
  let password: string | undefined;
  let tls = false;
  for (const text of texts) {
    const url = parse(text.trim());
    if (url === undefined) {
      throw new RingmainError(
        "invalid_request",
        `'${shownAddress(text)}' is not a URL of a NATS server, such as nats://host:port`,
      );
    }
    addresses.push(`${url.hostname}:${url.port || DEFAULT_PORT}`);
    tls ||= url.protocol === "tls:";
    if (user === undefined && url.username !== "") {
      user = decodeURIComponent(url.username);
      password = url.password === "" ? undefined : decodeURIComponent(url.password);
    }
  }
  return { addresses, user, password, tls };
}

/** What a store's address may say besides its servers. */
export interface StoreUrl {
  readonly servers: string;
  readonly name?: string;
  readonly replicas?: 1 | 3 | 5;
}

/**
 * Reads a store's address: servers, then, as a query, `name` and `replicas`; for example
 * `nats://a:4222,b:4222?replicas=3`.
 *
 * Errors: `invalid_request`.
 */
export function parseStoreUrl(text: string): StoreUrl {
  const [servers = "", query = ""] = text.split("?");
  let parsed: StoreUrl = { servers };
  for (const [key, value] of new URLSearchParams(query)) {
    const replicas = Number(value);
    if (key === "name") parsed = { ...parsed, name: value };
    else if (key === "replicas" && (replicas === 1 || replicas === 3 || replicas === 5))
      parsed = { ...parsed, replicas };
    else {
      const known = "name=<letters>, replicas=1, 3 or 5";
      throw new RingmainError(
        "invalid_request",
        `The URL of a store cannot have '${key}=${value}'. Valid are ${known}`,
      );
    }
  }
  return parsed;
}

/** An address without its user and password, to show. */
export function shownAddress(text: string): string {
  return text.replaceAll(/\/\/[^,?]*@/g, "//");
}

function parse(text: string): URL | undefined {
  const full = text.includes("://") ? text : `nats://${text}`;
  if (!/^(nats|tls):\/\//.test(full) || !URL.canParse(full)) return undefined;
  const url = new URL(full);
  return url.hostname !== "" && /^\/?$/.test(url.pathname) && url.search === "" ? url : undefined;
}
