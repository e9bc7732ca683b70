import { armId, type ArmPath } from "./arm-id.ts";

/** The operation of a management call, as roles and events name it. */
export interface ArmOperation {
  /**
   * Name of the operation, for example `Microsoft.EventGrid/topics/write` or
   * `Microsoft.EventGrid/topics/listKeys/action`.
   */
  readonly name: string;
  readonly kind: "read" | "write" | "delete" | "action";
  /** The provider's namespace. */
  readonly provider: string;
  /** Id of the resource that the operation works on, or of the listed collection's parent; `/` for the tenant. */
  readonly resourceId: string;
}

const KINDS: Readonly<Record<string, ArmOperation["kind"]>> = {
  GET: "read",
  HEAD: "read",
  PUT: "write",
  PATCH: "write",
  DELETE: "delete",
  POST: "action",
};
const RESOURCES = "Microsoft.Resources";

/** Returns the operation of a call; `undefined` for an unsupported method. */
export function operationOf(method: string, path: ArmPath): ArmOperation | undefined {
  const kind = KINDS[method];
  if (kind === undefined) return undefined;
  const { namespace, types, names, scope } = path;
  if (namespace === undefined || (types.length === 0 && kind === "read")) return ofResourceManager(kind, path);
  if (kind !== "action") {
    const name = [namespace, ...types, kind].join("/");
    const resourceId = types.length === names.length ? armId(path) : ownerOf(path);
    return { name, kind, provider: namespace, resourceId };
  }
  // The path of an action on a resource names the resource; one on a provider has no names.
  const resourceId = names.length === 0 ? scope || "/" : armId(path);
  return { name: [namespace, ...types, kind].join("/"), kind, provider: namespace, resourceId };
}

/** Returns the id of a collection's group, subscription or parent. */
function ownerOf(path: ArmPath): string {
  return path.names.length === 0 ? path.scope || "/" : armId(path);
}

/** Returns the operation on a subscription, a group or a list of them: their paths name no provider. */
function ofResourceManager(kind: ArmOperation["kind"], path: ArmPath): ArmOperation {
  const { subscriptionId, resourceGroup, namespace, rest } = path;
  const types = [
    ...(subscriptionId === undefined ? [] : ["subscriptions"]),
    ...(resourceGroup === undefined ? [] : ["resourceGroups"]),
    ...(namespace === undefined ? rest : ["providers"]),
  ];
  return { name: [RESOURCES, ...types, kind].join("/"), kind, provider: RESOURCES, resourceId: path.scope || "/" };
}
