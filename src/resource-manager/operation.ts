import { armId, type ArmPath } from "./arm-id.ts";

/** What a management call does, in the words of roles and of events. */
export interface ArmOperation {
  /** For example `Microsoft.EventGrid/topics/write` or `Microsoft.EventGrid/topics/listKeys/action`. */
  readonly name: string;
  readonly kind: "read" | "write" | "delete" | "action";
  /** The provider's namespace. */
  readonly provider: string;
  /** The id of what it is done to, or of what the list is of; `/` for the tenant. */
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

/** The operation that a call is; `undefined` for a method that none has. */
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
  // A call on a resource names it and then the call; one on a provider names the call alone.
  const resourceId = names.length === 0 ? scope || "/" : armId(path);
  return { name: [namespace, ...types, kind].join("/"), kind, provider: namespace, resourceId };
}

/** What a collection is in: a group, a subscription or a parent. */
function ownerOf(path: ArmPath): string {
  return path.names.length === 0 ? path.scope || "/" : armId(path);
}

/** Subscriptions, groups and what lists them have no provider in their paths. */
function ofResourceManager(kind: ArmOperation["kind"], path: ArmPath): ArmOperation {
  const { subscriptionId, resourceGroup, namespace, rest } = path;
  const types = [
    ...(subscriptionId === undefined ? [] : ["subscriptions"]),
    ...(resourceGroup === undefined ? [] : ["resourceGroups"]),
    ...(namespace === undefined ? rest : ["providers"]),
  ];
  return { name: [RESOURCES, ...types, kind].join("/"), kind, provider: RESOURCES, resourceId: path.scope || "/" };
}
