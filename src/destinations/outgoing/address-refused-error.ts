import { ALLOWED_HOSTS_SETTING } from "./address-policy.ts";

/**
 * Error for a host that the address policy refuses. Owners of subscriptions see the message, so it does not contain the
 * address: it would reveal how names of a private network resolve. Source: [EG-ADDRESS-REFUSED]
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
