import { RingmainError } from "../../../core/errors.ts";
import { checkAdmin, type AdminAccess } from "../../admin-only.ts";

/** Reads a request's header. */
type Header = (name: string) => string | undefined;

/** Somebody who was let in. */
export interface Manager {
  /** What the token says of its holder, for events; never the token. */
  readonly claims: Readonly<Record<string, string>>;
  /** The role by which something is allowed, in the words of events; `undefined` when it is not. */
  readonly grant: (operation: string, scope: string) => Readonly<Record<string, string>> | undefined;
}

/** Whoever may do everything. */
const OWNER: Manager = { claims: {}, grant: () => ({ role: "Owner" }) };

/**
 * Lets a management request in, or rejects with `authentication_failed`, `invalid_authentication_token`,
 * `unauthorized` or `forbidden`. Source: [ARM-AUTH]
 */
export type AuthorizeManagement = (request: { readonly header: Header }) => Promise<Manager>;

/** RFC 6750's form of a token. */
const BEARER = /^Bearer +[\w\-.~+/]+=*$/i;

/**
 * Who may manage may do so through Resource Manager, and shows a bearer token, as its clients do. In development any
 * token will do. A page of another origin gets nowhere: browsers ask before they send its token, and nobody allows it.
 */
export function managementAccess(access: AdminAccess): AuthorizeManagement {
  return async ({ header }) => {
    requireBearer(header("authorization"));
    checkAdmin(access, header);
    return OWNER;
  };
}

function requireBearer(authorization: string | undefined): void {
  if (authorization === undefined || authorization === "") {
    throw new RingmainError("authentication_failed", "Authentication failed. The 'Authorization' header is missing.");
  }
  if (!BEARER.test(authorization)) {
    throw new RingmainError(
      "invalid_authentication_token",
      "The authentication scheme or the token's form is not supported: send 'Authorization: Bearer <token>'.",
    );
  }
}
