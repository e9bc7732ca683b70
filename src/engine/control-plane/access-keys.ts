import { Buffer } from "node:buffer";
import type { AccessKeys } from "../../core/resources/resources.ts";
import type { Random } from "../../ports/random.ts";

/** Returns a new access key of so many bytes, Base64. */
export function newKey(random: Random, bytes: number): string {
  return Buffer.from(random.secretBytes(bytes)).toString("base64");
}

/** Returns a resource's keys: those that are asked for, else those that it had, else new ones. */
export function completeKeys(
  random: Random,
  bytes: number,
  asked: Partial<AccessKeys> = {},
  kept?: AccessKeys,
): AccessKeys {
  return {
    key1: asked.key1 ?? kept?.key1 ?? newKey(random, bytes),
    key2: asked.key2 ?? kept?.key2 ?? newKey(random, bytes),
  };
}
