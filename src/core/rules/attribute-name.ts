import { LIMITS } from "../limits.ts";

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Headers that frame the request or that the protocol itself sets. */
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

/** What is wrong with a delivery attribute's name; `undefined` when it may be one. */
export type AttributeNameFault = "too-long" | "no-header-name" | "begins-with-aeg" | "reserved" | undefined;

/** Whether a delivery attribute may have this name: any header of HTTP's that is not the protocol's own. [EG-ATTRIBUTES] */
export function attributeNameFault(name: string): AttributeNameFault {
  if (name.length > LIMITS.deliveryAttributeNameChars) return "too-long";
  const lower = name.toLowerCase();
  if (!TOKEN.test(name)) return "no-header-name";
  if (lower.startsWith("aeg-")) return "begins-with-aeg";
  return RESERVED.has(lower) ? "reserved" : undefined;
}
