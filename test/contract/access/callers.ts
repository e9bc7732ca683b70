import type { TokenRequest } from "../../../src/auth/local-issuer/token-request.ts";
import { ADMIN_KEY, CLIENT_SECRET, OPERATOR, type IssuerName, type Subject } from "./settings.ts";

export const MANAGEMENT_AUDIENCE = "https://management.azure.com";
export const EVENTS_AUDIENCE = "https://eventgrid.azure.net";

/** Origin of a request. */
interface Place {
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
}

const LOOPBACK: Place = { address: "127.0.0.1", headers: {} };
const PLACES = {
  local: LOOPBACK,
  elsewhere: { address: "172.17.0.1", headers: {} },
  // Sent by a browser on this machine because of a page.
  "foreign origin": { ...LOOPBACK, headers: { origin: "http://evil.example" } },
  // The page's own host name resolves to 127.0.0.1.
  "foreign host": { ...LOOPBACK, headers: { host: "evil.example:6500" } },
  // A browser sends neither Origin nor Sec-Fetch-Site to this address, which leads to this machine.
  "wildcard host": { ...LOOPBACK, headers: { host: "0.0.0.0:6500" } },
  proxied: { ...LOOPBACK, headers: { "x-forwarded-for": "172.17.0.1" } },
} satisfies Record<string, Place>;

/** Returns the token after `Bearer`. */
type Credential = (subject: Subject) => Promise<string> | string;

const token =
  (clientId: string, issuer: IssuerName = "own", audience = MANAGEMENT_AUDIENCE): Credential =>
  (subject) =>
    issueToken(subject, { clientId, issuer, audience });

const CREDENTIALS = {
  "any token": () => "any",
  "wrong key": () => `${ADMIN_KEY.slice(0, -1)}x`,
  "admin key": () => ADMIN_KEY,
  "operator's token": token("operator"),
  "reader's token": token("reader"),
  "token with a role on another group": token("elsewhere"),
  "token without a role": token("roleless"),
  "token that proves nothing": token(OPERATOR, "own"),
  "expired token": token("operator", "of two days ago"),
  "token of another instance": token("operator", "of another instance"),
  "token of the other mode": token("operator", "of the other mode"),
  "token by another key": token("operator", "of an other key"),
  "token for publishing": token("operator", "own", EVENTS_AUDIENCE),
} satisfies Record<string, Credential>;

/** Callers, which are the rows of a table: the origin of a request, and its credential. */
export const CALLERS = [
  "local",
  "local, any token",
  "local, wrong key",
  "local, admin key",
  "local, operator's token",
  "elsewhere",
  "elsewhere, wrong key",
  "elsewhere, admin key",
  "elsewhere, operator's token",
  "elsewhere, reader's token",
  "elsewhere, token with a role on another group",
  "elsewhere, token without a role",
  "elsewhere, token that proves nothing",
  "elsewhere, expired token",
  "elsewhere, token of another instance",
  "elsewhere, token of the other mode",
  "elsewhere, token by another key",
  "elsewhere, token for publishing",
  "foreign origin, any token",
  "foreign host, any token",
  "wildcard host, any token",
  "proxied, any token",
  "foreign origin, admin key",
  "foreign host, admin key",
  "proxied, admin key",
] as const satisfies readonly (keyof typeof PLACES | `${keyof typeof PLACES}, ${keyof typeof CREDENTIALS}`)[];

/** Name of a caller. */
export type Caller = (typeof CALLERS)[number];

/** A request's origin and headers for one caller. */
export interface Sender {
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
}

export async function senderOf(caller: Caller, subject: Subject): Promise<Sender> {
  const [place = "", credential] = caller.split(", ", 2);
  const { address, headers } = PLACES[place as keyof typeof PLACES];
  if (credential === undefined) return { address, headers };
  const shown = await CREDENTIALS[credential as keyof typeof CREDENTIALS](subject);
  return { address, headers: { ...headers, authorization: `Bearer ${shown}` } };
}

/** Issues a token. For an application that the issuer does not know, the token proves nothing. */
export async function issueToken(
  { issuers }: Subject,
  { clientId, issuer, audience }: { readonly clientId: string; readonly issuer: IssuerName; readonly audience: string },
): Promise<string> {
  const proof: TokenRequest["proof"] = { kind: "secret", text: CLIENT_SECRET };
  const place = { origin: "https://localhost:6500", tenant: "common", version: "2.0" } as const;
  const by = issuers[issuer];
  if (by.isRegistered(clientId)) return (await by.issueTo({ clientId, proof, audience }, place)).token;
  return (await by.issue(by.stranger(clientId), audience, place)).token;
}
