import { Buffer } from "node:buffer";
import type { AccessKeys } from "../../core/resources/resources.ts";
import type { Random } from "../../ports/random.ts";

/** Returns a new access key of `bytes` bytes, in Base64. */
export function newKey(random: Random, bytes: number): string {
  return Buffer.from(random.secretBytes(bytes)).toString("base64");
}

/** Returns the access keys of a resource: each one as requested, otherwise as it was, otherwise new. */
export function completeKeys(
  random: Random,
  bytes: number,
  requested: Partial<AccessKeys> = {},
  existing?: AccessKeys,
): AccessKeys {
  return {
    key1: requested.key1 ?? existing?.key1 ?? newKey(random, bytes),
    key2: requested.key2 ?? existing?.key2 ?? newKey(random, bytes),
  };
}
