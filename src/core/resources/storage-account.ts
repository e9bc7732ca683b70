import type { JsonObject } from "../json.ts";
import type { Keyed, ResourceBase } from "./base.ts";

/** A storage account: its blobs raise events. Held by Azurite. */
export type StorageAccountResource = ResourceBase<"Microsoft.Storage/storageAccounts", StorageAccountProperties> &
  Keyed & {
    /** Kept and shown only. */
    readonly kind?: string;
    /** Kept and shown only. */
    readonly sku?: { readonly name: string };
  };

export interface StorageAccountProperties {
  /** Where its blobs are served: the port of all accounts unless set; 0 takes a free one. Ringmain's own. */
  readonly blobPort?: number;
  /** What `data.url` is: an address of production unless set, or the one that the client used. Ringmain's own. */
  readonly urlForm?: "production" | "emulator";
  /** What Resource Manager was told beyond this; kept and shown only. */
  readonly described?: JsonObject;
}
