import { newRsaKey, type NewKey } from "../../src/auth/rsa-key.ts";

/** A maker of keys that makes one and gives it out ever after: making one takes long, and few tests need several. */
export function oneRsaKey(): NewKey {
  let key: Promise<string> | undefined;
  return () => (key ??= newRsaKey());
}
