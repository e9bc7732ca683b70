import { isIP } from "node:net";
import { RingmainError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { quote } from "../../core/rules/problem.ts";
import type { EventTypeInfo, PublisherAccess } from "../../core/resources/resources.ts";
import { given } from "./given.ts";
import type { JsonReader } from "./json-reader.ts";

const ACCESS = ["Enabled", "Disabled"] as const;
const TLS_VERSIONS = ["1.0", "1.1", "1.2"] as const;

/** The members that topics, domains and partner namespaces share. */
export function writePublisherAccess(properties: JsonReader, before: PublisherAccess = {}): PublisherAccess {
  return given({
    disableLocalAuth: properties.flag("disableLocalAuth") ?? before.disableLocalAuth,
    publicNetworkAccess: properties.oneOf("publicNetworkAccess", ACCESS) ?? before.publicNetworkAccess,
    inboundIpRules:
      properties.children("inboundIpRules")?.map((rule) => ({
        ipMask: maskOf(rule),
        action: rule.oneOf("action", ["Allow"] as const) ?? "Allow",
      })) ?? before.inboundIpRules,
    minimumTlsVersionAllowed:
      properties.oneOf("minimumTlsVersionAllowed", TLS_VERSIONS) ?? before.minimumTlsVersionAllowed,
  });
}

/** A mask that nobody understands would shut everybody out. [EG-INBOUND-RULES] */
function maskOf(rule: JsonReader): string {
  const mask = rule.text("ipMask") ?? "";
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

/** The members of {@link PublisherAccess} that a PATCH may change. */
export const PATCHABLE_ACCESS: readonly string[] = [
  "properties.publicNetworkAccess",
  "properties.inboundIpRules",
  "properties.disableLocalAuth",
  "properties.minimumTlsVersionAllowed",
];

/** What is said of the events of a topic. */
export function eventTypeInfoOf(properties: JsonReader, before?: EventTypeInfo): EventTypeInfo | undefined {
  const info = properties.child("eventTypeInfo");
  if (info === undefined) return before;
  const types = info.child("inlineEventTypes");
  const described = (types?.names() ?? []).map((name) => {
    const type = types?.child(name);
    const text = (member: string): string | undefined => type?.text(member);
    const fields = {
      description: text("description"),
      displayName: text("displayName"),
      documentationUrl: text("documentationUrl"),
      dataSchemaUrl: text("dataSchemaUrl"),
    };
    return [name, given(fields)] as const;
  });
  return { kind: info.oneOf("kind", ["Inline"] as const) ?? "Inline", inlineEventTypes: Object.fromEntries(described) };
}

export function readEventTypeInfo(info: EventTypeInfo | undefined): JsonObject | null {
  return info === undefined ? null : { kind: info.kind, inlineEventTypes: { ...info.inlineEventTypes } };
}
