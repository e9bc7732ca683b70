import { ALLOWED_HOSTS_SETTING } from "./address-policy.ts";

/** A host was not called because of the address policy. */
export class AddressRefusedError extends Error {
  override readonly name = "AddressRefusedError";

  constructor(host: string, address: string) {
    const where = host === address ? `'${host}' is` : `'${host}' resolves to ${address},`;
    super(`${where} no public address; list the host in the setting '${ALLOWED_HOSTS_SETTING}' to permit it`);
  }
}
