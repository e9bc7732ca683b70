import type { JsonObject } from "../json.ts";
import type { Keyed, ResourceBase } from "../resources/base.ts";
import { PLAIN, type ResourceKind } from "./kind.ts";
import { namedPlace } from "./places.ts";

/** A storage account. Azurite stores its blobs, which raise events. */
export type StorageAccountResource = ResourceBase<"Microsoft.Storage/storageAccounts", StorageAccountProperties> &
  Keyed & {
    /** Stored and returned, without any other effect. */
    readonly kind?: string;
    /** Stored and returned, without any other effect. */
    readonly sku?: { readonly name: string };
  };

/** Properties of a storage account. */
export interface StorageAccountProperties {
  /** Ringmain's own: port for its blobs. Default: the common port of all accounts; 0 for a free port. */
  readonly blobPort?: number;
  /**
   * Ringmain's own: form of the URLs in `data.url`. Default: the address in production, or the one that the client
   * used.
   */
  readonly urlForm?: "production" | "emulator";
  /** Other members that Resource Manager received. Stored and returned, without any other effect. */
  readonly described?: JsonObject;
}

/** Resource kind of storage accounts. */
export const storageAccountKind: ResourceKind<StorageAccountResource> = {
  ...PLAIN,
  type: "Microsoft.Storage/storageAccounts",
  noun: "storage account",
  placement: { kind: "group" },
  location: "chosen",
  // Longer than the keys of Event Grid resources.
  keyBytes: 64,
  places: (account) => [namedPlace(account)],
  // [EG-STORAGE-ACCOUNT-NAME]
  rules: ({ name }) => {
    if (/^[a-z0-9]{3,24}$/.test(name)) return [];
    const message = `${name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only.`;
    return [{ field: "name", message, code: "account_name_invalid" }];
  },
};
