import type { JsonObject } from "../json.ts";
import type { Keyed, ResourceBase } from "../resources/base.ts";
import { PLAIN, type ResourceKind } from "./kind.ts";
import { namedPlace } from "./places.ts";

/** A storage account: its blobs raise events. Held by Azurite. */
export type StorageAccountResource = ResourceBase<"Microsoft.Storage/storageAccounts", StorageAccountProperties> &
  Keyed & {
    /** Kept and shown only. */
    readonly kind?: string;
    /** Kept and shown only. */
    readonly sku?: { readonly name: string };
  };

export interface StorageAccountProperties {
  /** The port that serves its blobs: that of all accounts unless set; 0 takes a free one. Ringmain's own. */
  readonly blobPort?: number;
  /** The form of `data.url`: an address of production unless set, or the one that the client used. Ringmain's own. */
  readonly urlForm?: "production" | "emulator";
  /** Further members that Resource Manager was sent; kept and shown only. */
  readonly described?: JsonObject;
}

/** `Microsoft.Storage/storageAccounts` */
export const storageAccountKind: ResourceKind<StorageAccountResource> = {
  ...PLAIN,
  type: "Microsoft.Storage/storageAccounts",
  noun: "storage account",
  placement: { kind: "group" },
  location: "chosen",
  // Longer than those of Event Grid's resources.
  keyBytes: 64,
  places: (account) => [namedPlace(account)],
  // [EG-STORAGE-ACCOUNT-NAME]
  rules: ({ name }) => {
    if (/^[a-z0-9]{3,24}$/.test(name)) return [];
    const message = `${name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only.`;
    return [{ field: "name", message, code: "account_name_invalid" }];
  },
};
