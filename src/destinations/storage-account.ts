/** How a storage account is reached. */
export interface StorageAccount {
  /** The account's own name, whatever it is configured under. */
  readonly name: string;
  /** For example `http://127.0.0.1:10000/devstoreaccount1`. */
  readonly blobEndpoint: string;
  /** Absent where its queues are not served. */
  readonly queueEndpoint?: string;
  /** One of its keys, Base64; a secret. */
  readonly key: string;
}

/** Looks a storage account up by its name. */
export type FindStorageAccount = (name: string) => StorageAccount | undefined;
