import { armTypeNamed } from "../../resource-manager/resource-types.ts";
import { RingmainError } from "../../core/errors.ts";
import type { ResourceType } from "../../resource-manager/wire/arm-type.ts";
import { addressOf } from "./address.ts";
import type { ArmAnswer, ArmCall } from "./arm-call.ts";
import { wholeList } from "./lists/list-page.ts";
import { notAllowed, resource } from "./resources.ts";

const LISTS = ["privatelinkresources", "privateendpointconnections"];
const WITH_LINKS: ReadonlySet<ResourceType> = new Set<ResourceType>([
  "Microsoft.EventGrid/topics",
  "Microsoft.EventGrid/domains",
  "Microsoft.EventGrid/partnerNamespaces",
]);

/**
 * Answers calls on private links of a topic, domain or partner namespace: there are none, and none can be made.
 * `undefined` for every other call. Source: [ARM-PRIVATE-LINK]
 */
export async function privateLinks(call: ArmCall): Promise<ArmAnswer | undefined> {
  const { namespace, types, names } = call.path;
  const [type = "", list = ""] = types;
  const name = names[1];
  const kind = armTypeNamed(`${namespace}/${type}`);
  if (types.length !== 2 || kind === undefined || !WITH_LINKS.has(kind.type)) return undefined;
  if (!LISTS.includes(list.toLowerCase())) return undefined;
  const owner = { ...call, method: "GET", path: { ...call.path, types: [type], names: names.slice(0, 1) } };
  const address = addressOf(owner.path, call.engine.directory);
  // Throws where there is no such topic.
  if (address?.name !== undefined) await resource(owner, address, address.name);
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
