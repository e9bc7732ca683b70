import { RingmainError } from "../../core/errors.ts";

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
      const shown = text.replace(/\/\/.*@/, "//…@");
      throw new RingmainError("invalid_request", `'${shown}' is no address of a NATS server: nats://host:port`);
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

function parse(text: string): URL | undefined {
  const full = text.includes("://") ? text : `nats://${text}`;
  if (!/^(nats|tls):\/\//.test(full) || !URL.canParse(full)) return undefined;
  const url = new URL(full);
  return url.hostname !== "" && /^\/?$/.test(url.pathname) && url.search === "" ? url : undefined;
}
