import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import type { AccessKeys } from "../core/resources.ts";

/** Whether a text is one of a topic's keys. Takes the same time wherever the texts differ. Source: [EG-AUTH-KEY] */
export function isAccessKey(text: string, { key1, key2 }: AccessKeys): boolean {
  const first = sameSecret(text, key1);
  const second = sameSecret(text, key2);
  return first || second;
}

/** Whether a text is standard Base64, as all keys are. */
export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

/** Compares in a time that depends on the lengths only; nothing equals an empty secret. */
export function sameSecret(text: string, secret: string): boolean {
  const [one, other] = [Buffer.from(text), Buffer.from(secret)];
  return other.byteLength > 0 && one.byteLength === other.byteLength && timingSafeEqual(one, other);
}
