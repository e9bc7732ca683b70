import { toError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import type { Logger } from "../../ports/logger.ts";
import { textResponse, type HostResponse } from "../host/host-response.ts";
import { resolveSettings, type Environment } from "../app/app-settings.ts";
import { matchBlobPath, parseBlobUrl, type BlobLocation } from "./blob-address.ts";
import { BlobQueue, type BlobWork, type WaitingBlob } from "./blob-queue.ts";
import { createBlobReader, type BlobReader, type ReadBlob } from "./blob-reader.ts";
import type { RegisteredFunction, Trigger } from "../app/function-app.ts";
import type { Binding, TypedData } from "../app/functions-core.ts";
import { HOST_LIMITS } from "../host/host-limits.ts";
import type { HostRequest } from "../host/host-request.ts";
import type { Invoker } from "../app/invoker.ts";
import { handleWebhook } from "./webhook-protocol.ts";

/** Options for a {@link BlobWebhook}. */
export interface BlobWebhookOptions {
  readonly appFolder: string;
  readonly environment: Environment;
  readonly functions: ReadonlyMap<string, RegisteredFunction>;
  readonly invoker: Invoker;
  readonly logger: Logger;
  readonly tries: number;
}

/** Prefix of a function's name in the webhook's query. */
const FUNCTION_PREFIX = "Host.Functions.";

/** The webhook of blob functions, with the queue of blobs behind it. */
export class BlobWebhook {
  readonly #options: BlobWebhookOptions;
  readonly #queue: BlobQueue;
  readonly #paths: ReadonlyMap<string, string>;
  readonly #reader: BlobReader | undefined;
  /** Reason why blobs cannot be read. */
  readonly #problem: string | undefined;

  /** Throws `invalid_request` if a function's path names a missing setting. */
  constructor(options: BlobWebhookOptions) {
    const { functions, environment, appFolder, logger, tries } = options;
    this.#options = options;
    this.#paths = new Map(
      Array.from(functions, ([name, { trigger }]) => [name, resolveSettings(textMember(trigger, "path"), environment)]),
    );
    this.#queue = new BlobQueue({
      work: (blob) => this.#work(blob),
      logger,
      tries,
      concurrency: HOST_LIMITS.concurrentBlobs,
      capacity: HOST_LIMITS.waitingBlobs,
    });
    if (functions.size === 0) return;
    try {
      this.#reader = createBlobReader(appFolder, environment);
    } catch (thrown) {
      this.#problem = toError(thrown).message;
      logger.error("blob_functions_unusable", { error: this.#problem });
    }
  }

  /** Handles `/runtime/webhooks/blobs`. Responds with 202 once the blobs are queued. */
  async handle(request: HostRequest): Promise<HostResponse> {
    const name = request.url.searchParams.get("functionName") ?? "";
    return handleWebhook(request, (events) => Promise.resolve(this.#enqueue(name, events)));
  }

  /** Stops the queue. See {@link BlobQueue.stop}. */
  async stop(): Promise<void> {
    await this.#queue.stop();
  }

  #enqueue(name: string, events: readonly JsonObject[]): HostResponse {
    if (this.#problem !== undefined) return textResponse(500, this.#problem);
    const addresses = events.map(addressOf);
    const complete = addresses.filter((address) => address !== undefined);
    if (complete.length < addresses.length)
      return textResponse(400, "The data.url of an event is not the URL of a blob");
    if (!this.#queue.hasRoom(complete.length))
      return textResponse(503, "Too many blobs are waiting for their functions");
    // [EG-FUNC-BLOBS]
    for (const address of complete) this.#queue.add({ ...address, function: name });
    return { status: 202 };
  }

  async #work(blob: WaitingBlob): ReturnType<BlobWork> {
    const name = blob.function.startsWith(FUNCTION_PREFIX) ? blob.function.slice(FUNCTION_PREFIX.length) : "";
    const target = this.#options.functions.get(name);
    if (target === undefined) {
      // [EG-FUNC-BLOB-UNKNOWN]
      this.#options.logger.warn("blob_ignored", { ...blob, reason: `the app has no blob function "${blob.function}"` });
      return { failure: undefined };
    }
    const content = await this.#reader?.read(textMember(target.trigger, "connection"), blob);
    if (content === undefined) {
      // [EG-FUNC-BLOB-GONE]
      this.#options.logger.info("blob_ignored", { ...blob, reason: "it does not exist any more" });
      return { failure: undefined };
    }
    const names = matchBlobPath(this.#paths.get(name) ?? "", blob) ?? {};
    const outcome = await this.#options.invoker.invoke(target, blobTrigger(blob, content, names));
    return { failure: outcome.kind === "failed" ? outcome.message : undefined };
  }
}

/** Returns the blob that an event names. [EG-FUNC-BLOB-URL] */
function addressOf(event: JsonObject): BlobLocation | undefined {
  const data = event["data"];
  const url = isJsonObject(data) ? data["url"] : undefined;
  return typeof url === "string" ? parseBlobUrl(url) : undefined;
}

/** Returns the trigger data of a blob. [EG-FUNC-BLOB-METADATA] */
function blobTrigger(address: BlobLocation, blob: ReadBlob, names: Readonly<Record<string, string>>): Trigger {
  return {
    data: { bytes: blob.bytes },
    metadata: {
      BlobTrigger: { string: `${address.container}/${address.blob}` },
      Uri: json(blob.url),
      Properties: json(blob.properties),
      Metadata: json(blob.metadata),
      ...Object.fromEntries(Object.entries(names).map(([name, value]) => [name, { string: value }])),
    },
  };
}

function json(value: unknown): TypedData {
  return { json: JSON.stringify(value) };
}

function textMember(binding: Binding, name: string): string {
  const value = binding[name];
  return typeof value === "string" ? value : "";
}
