import type { ResourceBase } from "./base.ts";

/** A resource group: a name under which resources are kept, listed and deleted together. Its id has no provider. */
export type ResourceGroupResource = ResourceBase<
  "Microsoft.Resources/resourceGroups",
  Readonly<Record<string, never>>
> & {
  /** Id of the resource that the group belongs to, and goes with. Kept and shown only. */
  readonly managedById?: string;
};
