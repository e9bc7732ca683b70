import type { ResourceBase } from "../resources/base.ts";
import { PLAIN, type ResourceKind } from "./kind.ts";

/** A resource group: a name under which resources are listed and deleted together. Its id has no provider. */
export type ResourceGroupResource = ResourceBase<
  "Microsoft.Resources/resourceGroups",
  Readonly<Record<string, never>>
> & {
  /** Id of the resource that manages the group. Stored and returned, without any other effect. */
  readonly managedById?: string;
};

/** Resource kind of resource groups. */
export const resourceGroupKind: ResourceKind<ResourceGroupResource> = {
  ...PLAIN,
  type: "Microsoft.Resources/resourceGroups",
  noun: "resource group",
  placement: { kind: "subscription" },
  location: "chosen",
  keyBytes: undefined,
  rules: () => [],
};
