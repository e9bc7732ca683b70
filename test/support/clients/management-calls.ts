import { DEFAULT_SUBSCRIPTION_ID } from "../../../src/core/resources/resource-id.ts";
import { TOKEN } from "./arm-client.ts";

/** Default resource group of a running Ringmain. */
export const GROUP_PATH: string = `/subscriptions/${DEFAULT_SUBSCRIPTION_ID}/resourceGroups/ringmain`;
/** Path of Event Grid's resources in that group. */
export const EVENT_GRID_PATH: string = `${GROUP_PATH}/providers/Microsoft.EventGrid`;

/** Response to a management call. */
export interface ManagementReply {
  readonly status: number;
  readonly headers: Headers;
  // Tests inspect bodies of any form.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

/** Sends a management call to a running Ringmain. */
export type ManagementCall = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<ManagementReply>;

/** Returns a function that sends management calls over real HTTP. A body that is a string is sent unchanged. */
export function managementCalls(origin: string, apiVersion = "2022-06-15"): ManagementCall {
  return async (method, path, body, headers = {}) => {
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const reply = await fetch(`${origin}${path}?api-version=${apiVersion}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", ...headers },
      ...(text === undefined ? {} : { body: text }),
    });
    const content = await reply.text();
    return { status: reply.status, headers: reply.headers, body: content === "" ? undefined : JSON.parse(content) };
  };
}
