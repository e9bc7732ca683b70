import { RingmainError } from "../../core/errors.ts";
import { kindOf } from "../../core/kinds/index.ts";
import type { ArmAnswer, ArmCall } from "./arm-call.ts";
import { wholeList } from "./lists/list-page.ts";
import { find, notAllowed } from "./resources.ts";

const LISTS = ["privatelinkresources", "privateendpointconnections"];

/**
 * Handles calls on private links of a topic, domain or partner namespace: the lists are empty, and none can be created.
 * Resolves with `undefined` for every other call. Source: [ARM-PRIVATE-LINK]
 */
export async function privateLinks(call: ArmCall): Promise<ArmAnswer | undefined> {
  const { address, below } = call.target;
  const [list = ""] = below;
  if (address?.name === undefined || below.length !== 1 || kindOf(address.kind).endpoint === undefined)
    return undefined;
  if (!LISTS.includes(list.toLowerCase())) return undefined;
  const name = call.path.names[1];
  // Throws if the resource does not exist.
  await find(call, address, address.name);
  if (call.method === "DELETE" && name !== undefined) return { status: 204 };
  if (call.method === "PUT" && name !== undefined) {
    throw new RingmainError(
      "not_supported",
      "Private endpoints are not supported. Let Ringmain listen on an address that only permitted clients can reach.",
    );
  }
  if (call.method !== "GET") throw notAllowed(call.method);
  if (name === undefined) return wholeList([]);
  throw new RingmainError("not_found", `The resource '${call.path.path}' was not found.`);
}
