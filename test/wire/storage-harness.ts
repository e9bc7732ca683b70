import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { BlobServiceClient, StorageSharedKeyCredential } from "@azure/storage-blob";
import { sharedKeyAuthorization } from "../../src/codec/storage-shared-key.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { EventSink, SystemEvent } from "../../src/ports/event-source.ts";
import { SILENT_LOGGER } from "../../src/ports/logger.ts";
import { createStorageSource, type StorageSource } from "../../src/sources/storage/storage-source.ts";
import type { UrlForm } from "../../src/sources/storage/events/storage-event.ts";
import { ManualClock } from "../../src/testing/manual-clock.ts";
import { AZURITE_ACCOUNT, AZURITE_KEY, runAzurite, type RunningAzurite } from "../support/servers/run-azurite.ts";

export const SOURCE_ID =
  "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/devstoreaccount1";

/** Records published events, and refuses as many calls as it is set to refuse. */
export class RecordingSink implements EventSink {
  refusals = 0;
  #events: SystemEvent[] = [];

  publishSystemEvents(sourceId: string, events: readonly SystemEvent[]): Promise<void> {
    if (sourceId !== SOURCE_ID) throw new Error(`unexpected source ${sourceId}`);
    if (this.refusals > 0) {
      this.refusals -= 1;
      return Promise.reject(new Error("disk full"));
    }
    this.#events.push(...events);
    return Promise.resolve();
  }

  /** Returns all events since the last call. */
  take(): SystemEvent[] {
    return this.#events.splice(0);
  }

  /** Returns the only event since the last call. */
  takeOne(): SystemEvent {
    const [event, ...more] = this.take();
    if (event === undefined || more.length > 0) throw new Error(`${more.length + (event ? 1 : 0)} events, not one`);
    return event;
  }

  /** Returns `BlobCreated PutBlob container/name` for each event since the last call. */
  takeNames(): string[] {
    return this.take().map((event) => {
      const blob = event.subject.replace("/blobServices/default/containers/", "").replace("/blobs/", "/");
      return `${event.eventType.replace("Microsoft.Storage.", "")} ${event.data["api"] as string} ${blob}`;
    });
  }
}

/** A storage source in front of real Azurite. */
export interface StorageHarness {
  readonly azurite: RunningAzurite;
  readonly source: StorageSource;
  readonly sink: RecordingSink;
  readonly clock: ManualClock;
  readonly port: number;
  /** A client without retries. */
  readonly client: BlobServiceClient;
  stop(): Promise<void>;
}

export async function startStorage(urlForm: UrlForm = "production"): Promise<StorageHarness> {
  const azurite = await runAzurite();
  const { hostname, port: upstreamPort } = new URL(azurite.blob);
  const sink = new RecordingSink();
  const clock = new ManualClock(Date.now());
  const source = createStorageSource({
    upstream: { host: hostname, port: Number(upstreamPort) },
    listen: { host: "127.0.0.1", port: 0 },
    clock,
    random: cryptoRandom,
    logger: SILENT_LOGGER,
  });
  await source.start(sink);
  source.watch({ name: AZURITE_ACCOUNT, key: AZURITE_KEY, sourceId: SOURCE_ID, urlForm });
  const { port } = source.address;
  const stop = async (): Promise<void> => {
    await source.stop();
    await azurite.stop();
  };
  return { azurite, source, sink, clock, port, client: blobClient(port), stop };
}

export function blobClient(port: number, tries = 1): BlobServiceClient {
  return new BlobServiceClient(
    `http://127.0.0.1:${port}/${AZURITE_ACCOUNT}`,
    new StorageSharedKeyCredential(AZURITE_ACCOUNT, AZURITE_KEY),
    { retryOptions: { maxTries: tries, retryDelayInMs: 1, maxRetryDelayInMs: 1 } },
  );
}

export const cryptoRandom = {
  next: () => Math.random(),
  uuid: () => crypto.randomUUID(),
  secretBytes: (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes)),
};

/** Returns the events' data without the values that differ in every run. */
export function stable(data: JsonObject): JsonObject {
  const { clientRequestId: _, requestId: __, eTag: ___, sequencer: ____, storageDiagnostics: _____, ...rest } = data;
  return rest;
}

export interface RawResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a call signed with the account's key, in any form that a client could use. */
export function rawCall(
  port: number,
  method: string,
  target: string,
  headers: Readonly<Record<string, string>> = {},
  body = "",
): Promise<RawResponse> {
  const length = Buffer.byteLength(body);
  const all: Record<string, string> = {
    "x-ms-date": new Date().toUTCString(),
    "x-ms-version": "2021-12-02",
    ...(method === "PUT" || method === "POST" ? { "content-length": String(length) } : {}),
    ...headers,
  };
  const url = new URL(target, `http://127.0.0.1:${port}`);
  const authorization = sharedKeyAuthorization({
    account: AZURITE_ACCOUNT,
    key: AZURITE_KEY,
    method,
    url,
    headers: all,
  });
  return new Promise((resolve, reject) => {
    const call = httpRequest({ host: "127.0.0.1", port, method, path: target, headers: { ...all, authorization } });
    call.on("response", (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString() });
      });
    });
    call.on("error", reject);
    call.end(body);
  });
}
