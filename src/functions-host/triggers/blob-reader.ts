import { createRequire } from "node:module";
import { join } from "node:path";
import { RingmainError, toError } from "../../core/errors.ts";
import type { Environment } from "../app/app-settings.ts";
import type { BlobLocation } from "./blob-address.ts";
import { HOST_LIMITS } from "../host/host-limits.ts";

/** A blob as it is passed to its function. */
export interface ReadBlob {
  readonly bytes: Uint8Array;
  readonly url: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Properties by Azure's names, for example `ContentType`. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Reads blobs of the account that a connection setting names. */
export interface BlobReader {
  /**
   * Reads a blob. Resolves with `undefined` if it does not exist any more. Rejects if it cannot be read or is too
   * large.
   */
  read(connection: string, address: BlobLocation): Promise<ReadBlob | undefined>;
}

/** The parts of `@azure/storage-blob` that are used here. */
interface StorageBlob {
  readonly BlobServiceClient: { fromConnectionString(text: string): ServiceClient };
}

interface ServiceClient {
  getContainerClient(name: string): { getBlobClient(name: string): BlobClient };
}

interface BlobClient {
  readonly url: string;
  getProperties(): Promise<BlobProperties>;
  downloadToBuffer(offset?: number, count?: number, options?: { conditions?: { ifMatch?: string } }): Promise<Buffer>;
}

interface BlobProperties {
  readonly contentLength?: number;
  readonly contentType?: string;
  readonly blobType?: string;
  readonly accessTier?: string;
  readonly etag?: string;
  readonly createdOn?: Date;
  readonly lastModified?: Date;
  readonly metadata?: Record<string, string>;
}

/**
 * Creates a reader that uses the app's own `@azure/storage-blob`, so that the app determines its version. Throws
 * `not_supported` if the app does not have it.
 */
export function createBlobReader(appFolder: string, environment: Environment): BlobReader {
  const storage = loadStorageBlob(appFolder);
  const services = new Map<string, ServiceClient>();
  const serviceOf = (connection: string): ServiceClient => {
    const text = connectionString(connection, environment);
    const service = services.get(text) ?? storage.BlobServiceClient.fromConnectionString(text);
    services.set(text, service);
    return service;
  };
  return {
    read: async (connection, { container, blob }) => {
      const client = serviceOf(connection).getContainerClient(container).getBlobClient(blob);
      try {
        return await readBlob(client, `${container}/${blob}`);
      } catch (thrown) {
        if (statusCode(thrown) === 404) return undefined;
        throw thrown;
      }
    },
  };
}

function loadStorageBlob(appFolder: string): StorageBlob {
  try {
    return createRequire(join(appFolder, "package.json"))("@azure/storage-blob") as StorageBlob;
  } catch (thrown) {
    throw new RingmainError(
      "not_supported",
      `Blob functions read the blob with @azure/storage-blob, which the app at ${appFolder} cannot load; add it there with "npm install @azure/storage-blob" (${toError(thrown).message.split("\n")[0] ?? ""})`,
      { cause: thrown },
    );
  }
}

/**
 * Returns the connection string of a setting. Like Azure, looks for the name with the prefix `AzureWebJobs` first,
 * then for the name itself.
 */
function connectionString(connection: string, environment: Environment): string {
  const name = connection === "" ? "AzureWebJobsStorage" : connection;
  const text = environment[`AzureWebJobs${name}`] ?? environment[name];
  if (text === undefined || text === "") {
    throw new RingmainError(
      "invalid_request",
      `The app setting ${name} must be the connection string of the storage account`,
    );
  }
  return text;
}

async function readBlob(client: BlobClient, path: string): Promise<ReadBlob> {
  const { metadata = {}, ...properties } = await client.getProperties();
  const length = properties.contentLength ?? 0;
  if (length > HOST_LIMITS.blobBytes) {
    throw new RingmainError(
      "payload_too_large",
      `${path} has ${length} bytes; at most ${HOST_LIMITS.blobBytes} are read`,
    );
  }
  // The service refuses an empty range.
  const bytes = length === 0 ? Buffer.alloc(0) : await client.downloadToBuffer(0, length);
  const { contentType, blobType, accessTier, etag, createdOn, lastModified } = properties;
  return {
    bytes,
    url: client.url,
    metadata,
    properties: {
      ContentLength: length,
      ContentType: contentType,
      BlobType: blobType,
      AccessTier: accessTier,
      ETag: etag,
      CreatedOn: createdOn?.toISOString(),
      LastModified: lastModified?.toISOString(),
    },
  };
}

function statusCode(thrown: unknown): unknown {
  return typeof thrown === "object" && thrown !== null && "statusCode" in thrown ? thrown.statusCode : undefined;
}
