import { lookup as systemLookup, type LookupAddress, type LookupOptions } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { buildConnector } from "undici";
import { isAllowedHost, isPublicAddress, type AddressPolicy } from "./address-policy.ts";
import { AddressRefusedError } from "./address-refused-error.ts";

/** A resolver that returns all addresses of a name. */
export type ResolveAll = (
  hostname: string,
  options: LookupOptions & { readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Creates a connector that enforces an address policy. It connects to exactly the addresses that it has checked, so a
 * name cannot resolve to another address in between. A name with one refused address is refused.
 *
 * @param timeoutMs milliseconds after which an attempt to connect is given up
 */
export function createConnector(policy: AddressPolicy, timeoutMs: number): buildConnector.connector {
  const open = buildConnector({ timeout: timeoutMs });
  if (policy === "any") return open;
  const guarded = buildConnector({ timeout: timeoutMs, lookup: createGuardedLookup(systemLookup) });
  return (options, callback) => {
    const { hostname } = options;
    if (isAllowedHost(policy, hostname)) {
      open(options, callback);
    } else if (isIP(hostname) !== 0 && !isPublicAddress(hostname)) {
      // Literal addresses never reach a lookup.
      queueMicrotask(() => callback(new AddressRefusedError(hostname), null));
    } else {
      guarded(options, callback);
    }
  };
}

/** Creates a lookup that resolves only names whose addresses are all public. */
export function createGuardedLookup(resolveAll: ResolveAll): LookupFunction {
  return (hostname, options, callback) => {
    resolveAll(hostname, { ...options, all: true }, (error, addresses) => {
      const isRefused = error === null && addresses.some(({ address }) => !isPublicAddress(address));
      const [first] = error === null ? addresses : [];
      if (error !== null) callback(error, [], 0);
      else if (isRefused) callback(new AddressRefusedError(hostname), [], 0);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first?.address ?? "", first?.family ?? 0);
    });
  };
}
