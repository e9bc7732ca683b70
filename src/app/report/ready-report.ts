/** Addresses and keys of a Ringmain that has started, ready to copy. Scripts depend on the member names. */
export interface ReadyReport {
  /** Address of the HTTP port, for example `http://127.0.0.1:6500`. */
  readonly http: string;
  /** The same port over HTTPS, for example `https://127.0.0.1:6500`; `ringmain certs` says how to trust it. */
  readonly https: string;
  readonly version: string;
  readonly mode: "dev" | "production";
  /** The data folder, or the servers of a shared store; absent when everything is in memory. */
  readonly data?: string;
  readonly topics: readonly TopicReport[];
  readonly domains: readonly TopicReport[];
  readonly partnerNamespaces: readonly TopicReport[];
  readonly storageAccounts: readonly StorageAccountReport[];
  readonly functionApps: readonly FunctionAppReport[];
}

/** A topic, domain or partner namespace. */
export interface TopicReport {
  readonly name: string;
  /** The publish address, for an SDK. */
  readonly endpoint: string;
  /** Absent in production mode, like all secrets in the report. */
  readonly key1?: string;
  readonly key2?: string;
}

/** A storage account. */
export interface StorageAccountReport {
  readonly name: string;
  readonly blobEndpoint: string;
  /** With the account's key; absent in production mode. */
  readonly connectionString?: string;
}

/** A function app. */
export interface FunctionAppReport {
  readonly name: string;
  readonly url: string;
  /** Names of the functions; absent if another host serves the application. */
  readonly functions?: readonly string[];
}
