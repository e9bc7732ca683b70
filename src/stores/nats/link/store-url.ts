import { RingmainError } from "../../../core/errors.ts";

/** The servers of a store and the settings of the connection. */
export interface ServerAddresses {
  /** `host:port` */
  readonly addresses: string[];
  /** User name or, if there is no `password`, a token. */
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly tls: boolean;
}

const DEFAULT_PORT = "4222";

/**
 * Parses `nats://[user:password@]host[:port][,host[:port]…]`, or several such texts. The first user applies to all
 * servers; one `tls://` enables encryption for all.
 *
 * Throws `invalid_request`. Its message contains no password.
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

/** A store's URL: its servers and its settings. */
export interface StoreUrl {
  readonly servers: string;
  readonly name?: string;
  readonly replicas?: 1 | 3 | 5;
}

/**
 * Parses a store's URL: the servers, followed by `name` and `replicas` as a query. For example,
 * `nats://a:4222,b:4222?replicas=3`.
 *
 * Throws `invalid_request`.
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

/** Returns an address without its user and password, for display. */
export function shownAddress(text: string): string {
  return text.replaceAll(/\/\/[^,?]*@/g, "//");
}

function parse(text: string): URL | undefined {
  const full = text.includes("://") ? text : `nats://${text}`;
  if (!/^(nats|tls):\/\//.test(full) || !URL.canParse(full)) return undefined;
  const url = new URL(full);
  return url.hostname !== "" && /^\/?$/.test(url.pathname) && url.search === "" ? url : undefined;
}
