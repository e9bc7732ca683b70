import { createHmac } from "node:crypto";
import { SECOND_MS, type EpochMs } from "../core/time.ts";

/** What a shared access signature of Service Bus, Event Hubs and Relay is made of. */
export interface SharedAccess {
  /** What it is good for: `sb://shop.servicebus.windows.net/orders`. */
  readonly resource: string;
  readonly keyName: string;
  /** Used as text, not decoded. A secret. */
  readonly key: string;
  readonly expiresAt: EpochMs;
}

/** HMAC-SHA-256 over the escaped resource and the expiry in seconds, on a line each. Source: [EG-SERVICEBUS-SAS] */
export function sharedAccessSignature({ resource, keyName, key, expiresAt }: SharedAccess): string {
  const escaped = encodeURIComponent(resource);
  const expiry = Math.floor(expiresAt / SECOND_MS);
  const signature = createHmac("sha256", key).update(`${escaped}\n${expiry}`).digest("base64");
  return `SharedAccessSignature sr=${escaped}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${encodeURIComponent(keyName)}`;
}
