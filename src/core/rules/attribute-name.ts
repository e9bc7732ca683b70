import { LIMITS } from "../limits.ts";

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Headers that control the request or that the protocol sets itself. */
const RESERVED: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "content-type",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "webhook-request-origin",
]);

/** Problem of the name of a delivery attribute; `undefined` if there is none. */
export type AttributeNameFault = "too-long" | "no-header-name" | "begins-with-aeg" | "reserved" | undefined;

/**
 * Returns the problem of a name for a delivery attribute. Any HTTP header is allowed except those of the protocol.
 * [EG-ATTRIBUTES]
 */
export function attributeNameFault(name: string): AttributeNameFault {
  if (name.length > LIMITS.deliveryAttributeNameChars) return "too-long";
  const lower = name.toLowerCase();
  if (!TOKEN.test(name)) return "no-header-name";
  if (lower.startsWith("aeg-")) return "begins-with-aeg";
  return RESERVED.has(lower) ? "reserved" : undefined;
}
