import { sharedKeyAuthorization } from "../../../codec/storage-shared-key.ts";
import { RingmainError, toError } from "../../../core/errors.ts";
import { SECOND_MS } from "../../../core/time.ts";
import type { StorageAnswer, AccountRequest, StorageServices } from "../../../http/arm/arm-call.ts";
import type { Clock } from "../../../ports/clock.ts";
import { endpointsOf, type ServedAccount, type StorageAccounts } from "./storage-accounts.ts";

const VERSION = "2021-10-04";
const TIMEOUT_MS = 30 * SECOND_MS;

/**
 * Creates the storage services for Resource Manager. Calls reject with `not_ready` until the accounts have been opened.
 */
export function createStorageServices(accounts: () => StorageAccounts | undefined, clock: Clock): StorageServices {
  const served = async (name: string): Promise<ServedAccount> => {
    const opened = accounts();
    if (opened === undefined)
      throw new RingmainError("not_ready", "The storage accounts are starting. Send the request again later.");
    return opened.served(name);
  };
  return {
    endpoints(name) {
      const account = accounts()?.find(name);
      return account && endpointsOf(account);
    },
    async ready(name) {
      await served(name);
    },
    send: async (name, request) => callStorage(await served(name), request, clock),
  };
}

/**
 * Sends a request to an account's blob or queue service, signed with the account's key. Resolves with the response,
 * whatever its status. Rejects with `not_supported` if Ringmain does not serve this service of the account, and with
 * `not_ready` if the service does not respond.
 */
async function callStorage(
  account: ServedAccount,
  { service, method, name, query, headers }: AccountRequest,
  clock: Clock,
): Promise<StorageAnswer> {
  const endpoint = service === "blob" ? account.blobEndpoint : account.otherEndpoints["QueueEndpoint"];
  if (endpoint === undefined) {
    throw new RingmainError(
      "not_supported",
      `The queues of storage account '${account.name}' are not available in Ringmain.`,
    );
  }
  const url = new URL(name === "" ? endpoint : `${endpoint}/${encodeURIComponent(name)}`);
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
  const signed = {
    ...lowerCased(headers),
    "x-ms-date": new Date(clock.now()).toUTCString(),
    "x-ms-version": VERSION,
  };
  const authorization = sharedKeyAuthorization({
    account: account.name,
    key: account.key,
    method,
    url,
    headers: signed,
  });
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, { method, headers: { ...signed, authorization }, signal });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (thrown) {
    const message = `The ${service} service of storage account '${account.name}' does not respond: ${toError(thrown).message}`;
    throw new RingmainError("not_ready", message, { cause: thrown });
  }
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
