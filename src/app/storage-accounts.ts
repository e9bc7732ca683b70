import { resolve } from "node:path";
import { RingmainError, toError } from "../core/errors.ts";
import { storageAccountId } from "../core/resource-id.ts";
import type { Clock } from "../ports/clock.ts";
import type { EventSink } from "../ports/event-source.ts";
import type { Logger } from "../ports/logger.ts";
import type { Random } from "../ports/random.ts";
import { startAzurite, type Azurite } from "../sources/storage/azurite.ts";
import { createStorageSource, type StorageSource } from "../sources/storage/storage-source.ts";
import type { StorageAccountConfig } from "./config/resources-schema.ts";
import type { Config } from "./config/schema.ts";
import type { StorageAccountReport } from "./ready-report.ts";

/** The emulator's own account; name, key and port are public and known to every storage SDK. */
const EMULATOR_ACCOUNT = "devstoreaccount1";
const EMULATOR_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
const EMULATOR_BLOB_PORT = 10_000;

/** The storage accounts that are served. */
export interface StorageAccounts {
  reports(secrets: boolean): readonly StorageAccountReport[];
  /** Where dead letters for an account are written to. */
  find(name: string): { readonly blobEndpoint: string; readonly key: string } | undefined;
  /** What a hosted function application needs to reach the first account. */
  readonly functionEnvironment: Readonly<Record<string, string>>;
  /** Stops serving the accounts. */
  stop(): Promise<void>;
  /** Stops Azurite, if it was started; apart, since deliveries may need it to their end. */
  stopAzurite(): Promise<void>;
}

export interface StorageAccountsOptions {
  readonly config: Pick<Config, "azurite" | "azuriteUrl" | "host" | "memory" | "data" | "storageAccounts">;
  readonly folder: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly sink: EventSink;
}
