import { createHash } from "node:crypto";
import type { JSONWebKeySet, JWTVerifyGetKey } from "jose";
import { DEFAULT_TENANT_ID } from "../../core/resources/resource-id.ts";
import { SECOND_MS, type EpochMs } from "../../core/time.ts";
import { sameSecret } from "../access-key.ts";
import type { TrustedIssuer } from "../entra-token.ts";
import type { NewKey } from "../rsa-key.ts";
import { openSigningKey, type SigningKey } from "./signing-key.ts";
import { TokenError } from "./token-error.ts";
import type { TokenRequest, TokenVersion } from "./token-request.ts";

/** An application that is known by name. */
export interface RegisteredClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Object id of its service principal. */
  readonly objectId?: string;
  /** Roles that its tokens name. */
  readonly roles: readonly string[];
}

export interface LocalIssuerOptions {
  /** Where the signing key is kept. */
  readonly folder: string;
  readonly clients: readonly RegisteredClient[];
  /** Roles in the tokens of applications that are not known; `undefined` when those get none at all. */
  readonly strangersRoles: readonly string[] | undefined;
  readonly now: () => EpochMs;
  readonly newId: () => string;
  readonly newKey: NewKey;
}

/** An access token, and what a client is told about it. */
export interface IssuedToken {
  readonly token: string;
  readonly clientId: string;
  readonly notBefore: number;
  /** Seconds since 1970. */
  readonly expiresOn: number;
  readonly expiresIn: number;
}

/** Whom a token is about, by whatever right. */
export interface TokenSubject {
  readonly clientId: string;
  readonly objectId: string;
  readonly roles: readonly string[];
}

/** Where a token is asked for. */
export interface TokenPlace {
  /** How the client reaches this server: `https://localhost:6500`. */
  readonly origin: string;
  /** A GUID, or a word that stands for the one tenant there is. */
  readonly tenant: string;
  readonly version: TokenVersion;
}

const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const LOCAL_ISSUER = /^https?:\/\/[^/]+\/[0-9a-f-]{36}\/(?:v2\.0)?$/i;
/** A day, less the second by which clients tell it from one. */
const LIFETIME_SECONDS = 86_399;

/**
 * Issues access tokens like Entra's, for development and for small installations of one's own. Its key is made with
 * the first token and kept: tokens in the caches of clients stay good over a restart.
 * Source: [EG-ISSUER-TOKEN], [EG-ISSUER-CLIENTS]
 */
export class LocalIssuer implements TrustedIssuer {
  readonly #options: LocalIssuerOptions;
  #key: Promise<SigningKey> | undefined;

  constructor(options: LocalIssuerOptions) {
    this.#options = options;
  }

  /** Roles of whoever is not known. */
  get strangersRoles(): readonly string[] {
    return this.#options.strangersRoles ?? [];
  }

  /** Any host: one server is reached by several names. What counts is the key. */
  isIssuer(issuer: string): boolean {
    return LOCAL_ISSUER.test(issuer);
  }

  readonly key: JWTVerifyGetKey = async () => (await this.#signingKey()).publicKey;

  /** The public keys, for whoever checks a token. */
  async keys(): Promise<JSONWebKeySet> {
    return { keys: [(await this.#signingKey()).jwk] };
  }

  /** A token for an application that asks for one. Throws {@link TokenError}. */
  async issueTo(request: TokenRequest, place: TokenPlace): Promise<IssuedToken> {
    return this.issue(this.#subjectOf(request), request.audience, place);
  }

  /** A token about somebody who need not prove anything, because nobody asks. */
  async issue({ clientId, objectId, roles }: TokenSubject, audience: string, place: TokenPlace): Promise<IssuedToken> {
    const { newId, now } = this.#options;
    const { id, privateKey } = await this.#signingKey();
    const tenantId = tenantIdOf(place.tenant);
    const notBefore = Math.floor(now() / SECOND_MS);
    const expiresOn = notBefore + LIFETIME_SECONDS;
    const { SignJWT } = await import("jose");
    const claims = {
      aud: audience,
      iss: issuerUrl(place),
      iat: notBefore,
      nbf: notBefore,
      exp: expiresOn,
      appid: clientId,
      appidacr: "1",
      azp: clientId,
      azpacr: "1",
      idp: `${place.origin}/${tenantId}/`,
      idtyp: "app",
      oid: objectId,
      sub: objectId,
      tid: tenantId,
      uti: newId(),
      ver: place.version,
      ...(roles.length === 0 ? {} : { roles: [...roles] }),
    };
    const token = await new SignJWT(claims).setProtectedHeader({ typ: "JWT", alg: "RS256", kid: id }).sign(privateKey);
    return { token, clientId, notBefore, expiresOn, expiresIn: LIFETIME_SECONDS };
  }

  #subjectOf({ clientId, proof }: TokenRequest): TokenSubject {
    const { clients, strangersRoles } = this.#options;
    const client = clients.find((one) => one.clientId.toLowerCase() === clientId.toLowerCase());
    if (client === undefined && strangersRoles === undefined) {
      const shown = clientId.slice(0, 128);
      throw new TokenError("unknown_client", `Application with identifier '${shown}' was not found in the directory.`);
    }
    if (proof === undefined || proof.text === "") {
      const message = "'client_assertion' or 'client_secret' is required for the 'client_credentials' grant type.";
      throw new TokenError("missing_secret", message);
    }
    if (client === undefined) return { clientId, objectId: objectIdOf(clientId), roles: strangersRoles ?? [] };
    if (proof.kind !== "secret" || !sameSecret(proof.text, client.clientSecret)) {
      throw new TokenError("wrong_secret", `Invalid client secret provided for the app '${client.clientId}'.`);
    }
    return { clientId: client.clientId, objectId: client.objectId ?? objectIdOf(client.clientId), roles: client.roles };
  }

  #signingKey(): Promise<SigningKey> {
    if (this.#key === undefined) {
      this.#key = openSigningKey(this.#options.folder, this.#options.newKey);
      // A folder that could not be written may be mended.
      this.#key.catch(() => (this.#key = undefined));
    }
    return this.#key;
  }
}

/** The `iss` of tokens, by version. [EG-ISSUER-METADATA] */
export function issuerUrl({ origin, tenant, version }: TokenPlace): string {
  return `${origin}/${tenantIdOf(tenant)}/${version === "2.0" ? "v2.0" : ""}`;
}

/** A GUID stands for itself; `common`, `adfs` or a domain for the one tenant there is. */
function tenantIdOf(tenant: string): string {
  return GUID.test(tenant) ? tenant.toLowerCase() : DEFAULT_TENANT_ID;
}

/** The object id of an application's service principal: the same one always, and a GUID stands for itself. */
export function objectIdOf(clientId: string): string {
  if (GUID.test(clientId)) return clientId.toLowerCase();
  const hex = createHash("sha256").update(clientId.toLowerCase()).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
