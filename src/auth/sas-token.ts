import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import type { AccessKeys } from "../core/resources/resources.ts";
import { type EpochMs, parseTime } from "../core/time.ts";
import { sameSecret } from "./access-key.ts";

/** The request with which a token is presented. */
export interface SasAudience {
  /** The request's `Host` header. */
  readonly host: string;
  /** The request's path, without query. */
  readonly path: string;
  readonly topicName: string;
}

/** Result of checking a token. Every result except `valid` is a refusal. */
export type SasCheck = "valid" | "malformed" | "wrong-signature" | "expired" | "other-resource";

/**
 * Checks a token `r={resource}&e={expiry}&s={signature}`. The signature covers the text before `&s=` exactly as
 * received: producers differ in the case of hex digits and in the encoding of spaces, so the text must not be
 * encoded again.
 * Source: [EG-SAS-SIGNATURE]
 */
export function checkSasToken(token: string, keys: AccessKeys, audience: SasAudience, now: EpochMs): SasCheck {
  const parts = /^(r=([^&]*)&e=([^&]*))&s=([^&]*)$/.exec(token);
  const [, signed, resource, expiry, signature] = parts ?? [];
  if (signed === undefined || resource === undefined || expiry === undefined || signature === undefined) {
    return "malformed";
  }
  // [EG-SAS-PLUS] A raw plus sign is part of the Base64 text, not a space.
  const signatureText = percentDecoded(signature);
  if (signatureText === undefined || !isSigned(signed, signatureText, keys)) return "wrong-signature";
  const expiresAt = parseExpiry(percentDecoded(expiry.replaceAll("+", " ")));
  const url = percentDecoded(resource);
  if (expiresAt === undefined || url === undefined) return "malformed";
  if (expiresAt <= now) return "expired";
  return isAudience(url, audience) ? "valid" : "other-resource";
}

function isSigned(text: string, signature: string, { key1, key2 }: AccessKeys): boolean {
  const [first, second] = [key1, key2].map(
    // Compares texts, not bytes: the last Base64 digit has spare bits, so several texts decode to the same bytes.
    (key) => key !== "" && sameSecret(signature, sign(text, key)),
  );
  return first === true || second === true;
}

function sign(text: string, key: string): string {
  return createHmac("sha256", Buffer.from(key, "base64")).update(text, "utf8").digest("base64");
}

function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not percent-encoded UTF-8. The caller refuses the token.
    return undefined;
  }
}

/** `M/d/yyyy h:mm:ss AM|PM` with an optional zone. */
const AMERICAN = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d\d):(\d\d) ([AP])M(?: ([+-]\d\d:\d\d))?$/i;
/** `yyyy-MM-dd HH:mm:ss` with a space or `T`, and an optional fraction and zone. */
const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)?(Z| ?[+-]\d\d:?\d\d)?$/i;

/**
 * Parses a token's expiry in the forms of all producers. Without a zone it is UTC. Accepts any Unicode space,
 * because newer runtimes write a narrow one before AM. Source: [EG-SAS-EXPIRY]
 */
function parseExpiry(text: string | undefined): EpochMs | undefined {
  const plain = text?.trim().replaceAll(/\s+/g, " ") ?? "";
  const american = AMERICAN.exec(plain);
  if (american !== null) {
    const [, month = "", day = "", year = "", hour = "", minute = "", second = "", half = "", zone = "Z"] = american;
    if (Number(hour) < 1 || Number(hour) > 12) return undefined;
    const hours = (Number(hour) % 12) + (half.toUpperCase() === "P" ? 12 : 0);
    return parseTime(`${year}-${two(month)}-${two(day)}T${two(String(hours))}:${minute}:${second}${zone}`);
  }
  const iso = ISO.exec(plain);
  if (iso === null) return undefined;
  const [, date = "", time = "", zone = "Z"] = iso;
  return parseTime(
    `${date}T${time}${zone
      .trim()
      .replace(/^([+-]\d\d)(\d\d)$/, "$1:$2")
      .toUpperCase()}`,
  );
}

function two(digits: string): string {
  return digits.padStart(2, "0");
}

/**
 * Returns whether a token's resource is the topic that the request addresses. Host and path must be equal; case of
 * the host, default port, scheme and query are ignored. A topic has several addresses here, so its name as first
 * label of any host is accepted too, with the path `/api/events`. Source: [EG-SAS-RESOURCE]
 */
function isAudience(url: string, { host, path, topicName }: SasAudience): boolean {
  const parts = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]+)([^?#]*)/i.exec(url);
  const [, authority, resourcePath] = parts ?? [];
  if (authority === undefined || resourcePath === undefined) return false;
  const [named, addressed] = [plainHost(authority), plainHost(host)];
  const namedPath = plainPath(resourcePath);
  if (named === addressed && namedPath === plainPath(path)) return true;
  return namedPath === "/api/events" && named.split(/[.:]/, 1)[0] === topicName.toLowerCase();
}

function plainHost(authority: string): string {
  return authority.toLowerCase().replace(/:(?:80|443)$/, "");
}

function plainPath(path: string): string {
  return path.endsWith("/") ? path.slice(0, -1) : path;
}
