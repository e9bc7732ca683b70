import { isIP } from "node:net";
import { RingmainError } from "../../core/errors.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { quote } from "../../core/rules/problem.ts";
import type { InboundIpRule, PublisherAccess } from "../../core/resources/resources.ts";
import { flag, arrayOf, object, oneOf, text, type Member, type TableOf } from "./members.ts";

const RULE = object({ ipMask: text, action: oneOf(["Allow"]) });
const INBOUND_RULE: Member<InboundIpRule> = {
  read(value, at, notes) {
    const { ipMask = "", action = "Allow" } = RULE.read(value, at, notes);
    return { ipMask: checkedMask(ipMask), action };
  },
};

/** Members that topics, domains and partner namespaces share; a PATCH may change them all. */
export const PUBLISHER_ACCESS: TableOf<PublisherAccess> = {
  publicNetworkAccess: oneOf(["Enabled", "Disabled"]),
  inboundIpRules: arrayOf(INBOUND_RULE),
  disableLocalAuth: flag,
  minimumTlsVersionAllowed: oneOf(["1.0", "1.1", "1.2"]),
};
/** Default values of these members. */
export const EXPORTED_ACCESS: Readonly<Record<keyof PublisherAccess, JsonValue>> = {
  publicNetworkAccess: "Enabled",
  inboundIpRules: null,
  disableLocalAuth: false,
  minimumTlsVersionAllowed: null,
};
/** Names of further members in reads of these resources. */
export const READ_ACCESS: readonly string[] = ["provisioningState", "endpoint", "privateEndpointConnections"];

/** Returns a mask. Throws if it matches no address, because it would refuse all publishers. [EG-INBOUND-RULES] */
function checkedMask(mask: string): string {
  const [address = "", bits = "0", ...more] = mask.split("/");
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= longest) return mask;
  throw new RingmainError(
    "invalid_request",
    `The ipMask ${quote(mask)} of an inbound IP rule is neither an IP address nor a range in CIDR notation.`,
  );
}

export function readPublisherAccess(access: PublisherAccess): JsonObject {
  return {
    publicNetworkAccess: access.publicNetworkAccess ?? "Enabled",
    inboundIpRules: access.inboundIpRules?.map(({ ipMask, action = "Allow" }) => ({ ipMask, action })) ?? null,
    disableLocalAuth: access.disableLocalAuth ?? false,
    minimumTlsVersionAllowed: access.minimumTlsVersionAllowed ?? null,
    privateEndpointConnections: null,
  };
}
