import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import type { AccessKeys } from "../core/resources/resources.ts";

/**
 * Whether a text is one of a topic's keys. Takes the same time wherever the texts differ. Source: [EG-AUTH-KEY]
 * Measured in docs/hot-path.md.
 */
export function isAccessKey(text: string, keys: AccessKeys): boolean {
  const shown = Buffer.from(text);
  const [key1, key2] = bytesOf(keys);
  const first = sameBytes(shown, key1);
  const second = sameBytes(shown, key2);
  return first || second;
}

const known = new WeakMap<AccessKeys, readonly [Buffer, Buffer]>();

/** A topic's keys as bytes, made once for each version of the topic. */
function bytesOf(keys: AccessKeys): readonly [Buffer, Buffer] {
  const made = known.get(keys);
  if (made !== undefined) return made;
  const bytes = [Buffer.from(keys.key1), Buffer.from(keys.key2)] as const;
  known.set(keys, bytes);
  return bytes;
}

/** Whether a text is standard Base64, as all keys are. */
export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

/** Compares in a time that depends on the lengths only; nothing equals an empty secret. */
export function sameSecret(text: string, secret: string): boolean {
  return sameBytes(Buffer.from(text), Buffer.from(secret));
}

function sameBytes(shown: Buffer, secret: Buffer): boolean {
  return secret.byteLength > 0 && shown.byteLength === secret.byteLength && timingSafeEqual(shown, secret);
}
