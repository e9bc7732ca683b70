/** Addresses and key of a storage account. */
export interface StorageAccount {
  /** The account's own name, which may differ from its name in the configuration. */
  readonly name: string;
  /** URL of the blob service, for example `http://127.0.0.1:10000/devstoreaccount1`. */
  readonly blobEndpoint: string;
  /** URL of the queue service; absent if the account has none. */
  readonly queueEndpoint?: string;
  /** One of the account's keys, in Base64; a secret. */
  readonly key: string;
}

/** Looks up a storage account by name. */
export type FindStorageAccount = (name: string) => StorageAccount | undefined;
