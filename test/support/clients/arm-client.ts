import { EventGridManagementClient } from "@azure/arm-eventgrid";
import { DEFAULT_SUBSCRIPTION_ID } from "../../../src/core/resources/resource-id.ts";

/** A token; development mode accepts any. */
export const TOKEN = "a.token.for-tests";

/**
 * Creates the management SDK's client for a Ringmain's plain HTTP port. Replaces its bearer policy, which would
 * refuse to send a token there.
 */
export function armClient(
  endpoint: string,
  subscriptionId: string = DEFAULT_SUBSCRIPTION_ID,
  token: string = TOKEN,
): EventGridManagementClient {
  const credential = { getToken: async () => ({ token, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) };
  const client = new EventGridManagementClient(credential, subscriptionId, { endpoint, allowInsecureConnection: true });
  client.pipeline.removePolicy({ name: "bearerTokenAuthenticationPolicy" });
  client.pipeline.addPolicy({
    name: "plainBearer",
    sendRequest: (request, next) => {
      request.headers.set("authorization", `Bearer ${token}`);
      return next(request);
    },
  });
  return client;
}

/** Collects all items of a paged list. */
export async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of pages) items.push(item);
  return items;
}
