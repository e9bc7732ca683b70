import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import type { AccessKeys } from "../core/resources/resources.ts";

/**
 * Returns whether a text is one of a topic's keys. The time does not depend on where the texts differ. Source:
 * [EG-AUTH-KEY]
 * Measured in docs/hot-path.md.
 */
export function isAccessKey(text: string, keys: AccessKeys): boolean {
  const candidate = Buffer.from(text);
  const [key1, key2] = bytesOf(keys);
  const first = sameBytes(candidate, key1);
  const second = sameBytes(candidate, key2);
  return first || second;
}

const keyBytes = new WeakMap<AccessKeys, readonly [Buffer, Buffer]>();

/** Returns a topic's keys as bytes. Converts them once for each version of the topic. */
function bytesOf(keys: AccessKeys): readonly [Buffer, Buffer] {
  const cached = keyBytes.get(keys);
  if (cached !== undefined) return cached;
  const bytes = [Buffer.from(keys.key1), Buffer.from(keys.key2)] as const;
  keyBytes.set(keys, bytes);
  return bytes;
}

/** Returns whether a text is standard Base64, as all keys are. */
export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

/** Compares two texts in a time that depends only on their lengths. An empty secret equals nothing. */
export function sameSecret(text: string, secret: string): boolean {
  return sameBytes(Buffer.from(text), Buffer.from(secret));
}

function sameBytes(candidate: Buffer, secret: Buffer): boolean {
  return secret.byteLength > 0 && candidate.byteLength === secret.byteLength && timingSafeEqual(candidate, secret);
}
