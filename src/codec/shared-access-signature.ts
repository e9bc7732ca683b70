import { createHmac } from "node:crypto";
import { SECOND_MS, type EpochMs } from "../core/time.ts";

/** Options for a shared access signature of Service Bus, Event Hubs or Relay. */
export interface SharedAccess {
  /** URI of the resource that the signature grants access to: `sb://shop.servicebus.windows.net/orders`. */
  readonly resource: string;
  readonly keyName: string;
  /** The key as text, not decoded. A secret. */
  readonly key: string;
  readonly expiresAt: EpochMs;
}

/**
 * Returns a signature: HMAC-SHA-256 over the escaped resource and the expiry in seconds, each on a line. Source:
 * [EG-SERVICEBUS-SAS]
 */
export function sharedAccessSignature({ resource, keyName, key, expiresAt }: SharedAccess): string {
  const escaped = encodeURIComponent(resource);
  const expiry = Math.floor(expiresAt / SECOND_MS);
  const signature = createHmac("sha256", key).update(`${escaped}\n${expiry}`).digest("base64");
  return `SharedAccessSignature sr=${escaped}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${encodeURIComponent(keyName)}`;
}
