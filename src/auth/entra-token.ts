import type { JWTPayload, JWTVerifyGetKey } from "jose";
import { RingmainError } from "../core/errors.ts";
import type { EpochMs } from "../core/time.ts";
import type { Principal } from "./role-assignments.ts";

/** An authority whose tokens are accepted. */
export interface TrustedIssuer {
  /** Returns whether a token's `iss` is this issuer. */
  isIssuer(issuer: string): boolean;
  /** Returns the key that a token says it is signed with. */
  readonly key: JWTVerifyGetKey;
  /** Returns the principal that the holder of a token of this issuer is. */
  principal(payload: JWTPayload): Principal;
}

export interface EntraTokensOptions {
  readonly issuers: readonly TrustedIssuer[];
  /** Accepted audiences. A token may have a slash at the end of its audience. */
  readonly audiences: readonly string[];
}

/** The principal that a token identifies, and further claims of the token. */
export interface TokenHolder extends Principal {
  /** Claims about issuer, audience, holder and lifetime. They cannot be used in place of the token. */
  readonly claims: Readonly<Record<string, string>>;
}

const SHOWN_CLAIMS = [
  "aud",
  "iss",
  "iat",
  "nbf",
  "exp",
  "appid",
  "azp",
  "idtyp",
  "name",
  "oid",
  "sub",
  "tid",
  "upn",
  "ver",
];
const CLAIM_CHARS = 256;
/** Maximum length of a token. Longer tokens are refused without being parsed. */
const MAX_TOKEN_CHARS = 12_288;
/** Allowed difference in seconds between the clocks of issuer and receiver, as in Microsoft's own libraries. */
const CLOCK_SKEW_SECONDS = 300;
/** The only algorithm that Entra signs with. The token must not choose it. */
const ALGORITHMS = ["RS256"];

/** Checks access tokens of Microsoft Entra or of similar issuers. */
export class EntraTokens {
  readonly #options: EntraTokensOptions;

  constructor(options: EntraTokensOptions) {
    this.#options = options;
  }

  /**
   * Returns the principal that a token identifies, after checking signature, issuer, audience and lifetime. Rejects
   * with `unauthorized`, which names the failed check, or `issuer_unavailable`.
   * Source: [EG-ENTRA-TOKEN], [EG-ENTRA-AUDIENCE], [EG-ENTRA-LIFETIME]
   */
  async verify(token: string, now: EpochMs): Promise<TokenHolder> {
    if (token.length > MAX_TOKEN_CHARS) throw refused(`The token is longer than ${MAX_TOKEN_CHARS} characters.`);
    const { decodeJwt, jwtVerify, errors } = await import("jose");
    try {
      const { iss } = decodeJwt(token);
      const issuer = this.#options.issuers.find((one) => typeof iss === "string" && one.isIssuer(iss));
      if (iss === undefined || issuer === undefined)
        throw refused("Its issuer is not trusted: it is not one of 'identity.issuers'.");
      const { payload } = await jwtVerify(token, issuer.key, {
        algorithms: ALGORITHMS,
        issuer: iss,
        audience: this.#options.audiences.flatMap((audience) => [audience, `${audience}/`]),
        requiredClaims: ["exp"],
        clockTolerance: CLOCK_SKEW_SECONDS,
        currentDate: new Date(now),
      });
      return { ...issuer.principal(payload), claims: shownClaims(payload) };
    } catch (thrown) {
      if (thrown instanceof RingmainError) throw thrown;
      if (thrown instanceof errors.JWTExpired) throw refused("It has expired.");
      if (thrown instanceof errors.JWTClaimValidationFailed) throw refused(CLAIMS[thrown.claim] ?? "A claim is wrong.");
      if (thrown instanceof errors.JOSEError) throw refused(SIGNATURES[thrown.code] ?? "It is not a JSON Web Token.");
      throw thrown;
    }
  }
}

/** Reasons shown to publishers. They repeat no part of the token. */
const CLAIMS: Readonly<Record<string, string>> = {
  aud: "Its audience is not this service.",
  nbf: "It is not valid yet.",
  exp: "It has no expiry time ('exp').",
};
const SIGNATURES: Readonly<Record<string, string>> = {
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "Its signature does not match.",
  ERR_JWKS_NO_MATCHING_KEY: "It is signed with a key that is not one of its issuer's keys.",
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: "It does not name its signing key ('kid').",
  ERR_JOSE_ALG_NOT_ALLOWED: `It is signed with an algorithm other than ${ALGORITHMS.join()}.`,
};

/** Returns the error for a token that is not valid. [EG-ENTRA-TOKEN] */
function refused(reason: string): RingmainError {
  return new RingmainError(
    "unauthorized",
    `The access token presented with the incoming request is not valid. This is due to the reason: ${reason}`,
  );
}

/**
 * Returns the principal that a token of another authority identifies, by its object ids. Ignores roles in the
 * token: the configuration assigns roles. Source: [EG-ENTRA-ROLE]
 */
export function principalByObjectId({ oid, groups }: JWTPayload): Principal {
  return { ids: [...texts([oid]), ...texts(groups)], roles: [] };
}

function shownClaims(payload: JWTPayload): Readonly<Record<string, string>> {
  const claims = SHOWN_CLAIMS.flatMap((name) => {
    const value = payload[name];
    const isPlain = typeof value === "string" || typeof value === "number";
    return isPlain ? [[name, String(value).slice(0, CLAIM_CHARS)] as const] : [];
  });
  return Object.fromEntries(claims);
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}
