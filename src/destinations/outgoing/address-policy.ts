import { BlockList, isIP, isIPv4 } from "node:net";

/**
 * Which addresses may be called. `any` for a laptop. Otherwise addresses that belong to no public network (private,
 * loopback, link-local, shared, documentation, multicast, cloud metadata) are refused, whatever name led there, unless
 * the URL's host is listed: in lower case, a name or a literal address, `*.` before a name standing for all below it.
 */
export type AddressPolicy = "any" | { readonly allowedHosts: readonly string[] };

/** The setting that fills {@link AddressPolicy}, for messages. */
export const ALLOWED_HOSTS_SETTING = "delivery.allowedHosts";

const IPV4_REFUSED: readonly (readonly [network: string, prefix: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  // Azure's metadata and platform address is an ordinary one, reachable from inside a virtual machine only.
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];
/** Only 2000::/3 is handed out for use; of it these carry other addresses or are for documents. */
const IPV6_REFUSED: readonly (readonly [network: string, prefix: number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

const refused = new BlockList();
for (const [network, prefix] of IPV4_REFUSED) refused.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of IPV6_REFUSED) refused.addSubnet(network, prefix, "ipv6");
const globalIpv6 = new BlockList();
globalIpv6.addSubnet("2000::", 3, "ipv6");
/** Translated addresses: the last 32 bits are an IPv4 address. */
const mapped = new BlockList();
mapped.addSubnet("::ffff:0:0", 96, "ipv6");
mapped.addSubnet("64:ff9b::", 96, "ipv6");

/** Whether a literal address lies in a public network. IPv4 addresses inside IPv6 ones are judged as IPv4. */
export function isPublicAddress(address: string): boolean {
  const literal = address.split("%", 1)[0] ?? "";
  if (isIPv4(literal)) return !refused.check(literal, "ipv4");
  if (isIP(literal) === 0) return false;
  const inner = mapped.check(literal, "ipv6") ? embeddedIpv4(literal) : undefined;
  if (inner !== undefined) return !refused.check(inner, "ipv4");
  return globalIpv6.check(literal, "ipv6") && !refused.check(literal, "ipv6");
}

/** Whether the policy lists this host of a URL (IPv6 literals without brackets). */
export function isAllowedHost(policy: AddressPolicy, host: string): boolean {
  if (policy === "any") return true;
  const wanted = host.toLowerCase().replace(/\.$/, "");
  return policy.allowedHosts.some((entry) => {
    const allowed = entry.toLowerCase();
    return allowed.startsWith("*.") ? wanted.endsWith(allowed.slice(1)) : wanted === allowed;
  });
}

/** The last 32 bits of an IPv6 address; a URL writes them as two groups of hexadecimal digits. */
function embeddedIpv4(literal: string): string | undefined {
  const { hostname } = new URL(`http://[${literal}]/`);
  const groups = hostname.slice(1, -1).split(":").slice(-2);
  const [high = 0, low = 0] = groups.map((group) => (group === "" ? 0 : Number.parseInt(group, 16)));
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}
