import { ALLOWED_HOSTS_SETTING } from "./address-policy.ts";

/**
 * A host was not called because of the address policy. The message goes to whoever manages subscriptions, who is not to
 * learn by it where names of a private network lead: it does not name the address. Source: [EG-ADDRESS-REFUSED]
 */
export class AddressRefusedError extends Error {
  override readonly name = "AddressRefusedError";

  constructor(host: string) {
    super(
      `'${host}' is refused: in production mode events go to public addresses only; ` +
        `to permit it, add the host to '${ALLOWED_HOSTS_SETTING}'`,
    );
  }
}
