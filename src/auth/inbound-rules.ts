import { BlockList, isIP } from "node:net";
import { RingmainError } from "../core/errors.ts";
import type { InboundIpRule, PublisherAccess } from "../core/resources/resources.ts";

/** A range of addresses, such as `192.0.2.0/24`, or one address. */
interface Range {
  readonly address: string;
  readonly prefix: number;
  readonly family: "ipv4" | "ipv6";
}

/**
 * Throws `forbidden` if a resource does not let an address publish. A resource without rules accepts every address.
 * One with public access disabled accepts none: Ringmain has no private endpoints.
 * Source: [EG-INBOUND-RULES]
 * @param address IP address of the connection; IPv4 may be wrapped in IPv6
 */
export function checkInbound(
  { name, properties }: { readonly name: string; readonly properties: PublisherAccess },
  address: string,
): void {
  if (properties.publicNetworkAccess === "Disabled") {
    throw new RingmainError(
      "forbidden",
      `Publishing to ${name} by client ${address} is rejected because its public network access is disabled.`,
    );
  }
  const { inboundIpRules } = properties;
  if (inboundIpRules === undefined || inboundIpRules.length === 0) return;
  const plain = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  const family = isIP(plain) === 6 ? "ipv6" : "ipv4";
  if (isIP(plain) !== 0 && listOf(inboundIpRules).check(plain, family)) return;
  throw new RingmainError(
    "forbidden",
    `Publishing to ${name} by client ${plain} is rejected due to IpAddress filtering rules.`,
  );
}

const ruleLists = new WeakMap<readonly InboundIpRule[], BlockList>();

/** Returns a resource's rules as a list of addresses. Builds it once for each version of the resource. */
function listOf(rules: readonly InboundIpRule[]): BlockList {
  const cached = ruleLists.get(rules);
  if (cached !== undefined) return cached;
  const list = new BlockList();
  for (const { ipMask } of rules) {
    const range = parseRange(ipMask);
    // A rule that cannot be parsed allows no address.
    if (range !== undefined) list.addSubnet(range.address, range.prefix, range.family);
  }
  ruleLists.set(rules, list);
  return list;
}

function parseRange(text: string): Range | undefined {
  const [, address = "", bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? [];
  const version = isIP(address);
  if (version === 0) return undefined;
  const longest = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? longest : Number(bits);
  if (prefix > longest) return undefined;
  return { address, prefix, family: version === 4 ? "ipv4" : "ipv6" };
}
