import { BlockList, isIP, isIPv4 } from "node:net";

/**
 * Rules for the addresses that may be called. `any` permits all, for a laptop. Otherwise addresses outside public
 * networks (private, loopback, link-local, shared, documentation, multicast, cloud metadata) are refused, whichever
 * name resolves to them, unless the URL's host is in `allowedHosts`: names or literal addresses in lower case; `*.`
 * before a name permits all names below it.
 */
export type AddressPolicy = "any" | { readonly allowedHosts: readonly string[] };

/** The setting for {@link AddressPolicy}, for error messages. */
export const ALLOWED_HOSTS_SETTING = "delivery.allowedHosts";

const IPV4_REFUSED: readonly (readonly [network: string, prefix: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  // Azure's metadata and platform address is a public one, but can be reached only from inside a virtual machine.
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
/** Networks inside 2000::/3, the only assigned range, that embed other addresses or are reserved for documentation. */
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
/** Networks of translated addresses, whose last 32 bits are an IPv4 address. */
const mapped = new BlockList();
mapped.addSubnet("::ffff:0:0", 96, "ipv6");
mapped.addSubnet("64:ff9b::", 96, "ipv6");

/** Returns whether a literal address is in a public network. IPv4 addresses embedded in IPv6 are checked as IPv4. */
export function isPublicAddress(address: string): boolean {
  const literal = address.split("%", 1)[0] ?? "";
  if (isIPv4(literal)) return !refused.check(literal, "ipv4");
  if (isIP(literal) === 0) return false;
  const inner = mapped.check(literal, "ipv6") ? embeddedIpv4(literal) : undefined;
  if (inner !== undefined) return !refused.check(inner, "ipv4");
  return globalIpv6.check(literal, "ipv6") && !refused.check(literal, "ipv6");
}

/** Returns whether the policy permits a URL's host by name (IPv6 literals without brackets). */
export function isAllowedHost(policy: AddressPolicy, host: string): boolean {
  if (policy === "any") return true;
  const wanted = host.toLowerCase().replace(/\.$/, "");
  return policy.allowedHosts.some((entry) => {
    const allowed = entry.toLowerCase();
    return allowed.startsWith("*.") ? wanted.endsWith(allowed.slice(1)) : wanted === allowed;
  });
}

/** Returns the last 32 bits of an IPv6 address as IPv4. A URL has them as two groups of hexadecimal digits. */
function embeddedIpv4(literal: string): string | undefined {
  const { hostname } = new URL(`http://[${literal}]/`);
  const groups = hostname.slice(1, -1).split(":").slice(-2);
  const [high = 0, low = 0] = groups.map((group) => (group === "" ? 0 : Number.parseInt(group, 16)));
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}
