import { encodeDeadLetters } from "../../codec/encode/encode-dead-letters.ts";
import { sharedKeyAuthorization } from "../../codec/storage-shared-key.ts";
import type { DeliveryOutcome, LockedDelivery } from "../../core/delivery.ts";
import { resourceName } from "../../core/resources/resource-id.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import type { EpochMs } from "../../core/time.ts";
import type { Destination } from "../../ports/destination.ts";
import type { HttpClient } from "../outgoing/http-client.ts";
import { httpTarget } from "../outgoing/http-target.ts";
import { refusal } from "../outgoing/status-outcome.ts";
import type { FindStorageAccount } from "../storage-account.ts";
import { deadLetterPath } from "./dead-letter-path.ts";

/** Options for {@link openBlobDeadLetters}. */
export interface BlobDeadLetterOptions {
  readonly client: HttpClient;
  readonly storageAccount: FindStorageAccount;
  readonly newId: () => string;
  readonly subscriber: Subscriber;
  /** ARM id of the account. */
  readonly resourceId: string;
  readonly containerName: string;
}

const API_VERSION = "2021-12-02";

/**
 * Opens a destination that writes dead letters as blobs, one for each batch. Source: [EG-DEADLETTER-FORM],
 * [EG-DEADLETTER-PATH]
 */
export function openBlobDeadLetters(options: BlobDeadLetterOptions): Destination {
  const { client, subscriber, containerName } = options;
  const account = resourceName(options.resourceId);

  async function deliver(
    batch: readonly LockedDelivery[],
    now: EpochMs,
    signal: AbortSignal,
  ): Promise<DeliveryOutcome> {
    const storage = options.storageAccount(account);
    if (storage === undefined) return misconfigured(`There is no storage account '${account}'.`);
    const names = [containerName, ...deadLetterPath(subscriber.name, now, options.newId())];
    const url = `${storage.blobEndpoint.replace(/\/$/, "")}/${names.map(encodeURIComponent).join("/")}`;
    const target = httpTarget(url);
    if (target === undefined) return misconfigured(`The storage account '${account}' has no HTTP or HTTPS URL.`);
    const body = encodeDeadLetters(batch, subscriber.eventDeliverySchema);
    const headers = {
      "content-length": String(body.byteLength),
      "content-type": "application/json",
      "x-ms-blob-type": "BlockBlob",
      "x-ms-date": new Date(now).toUTCString(),
      "x-ms-version": API_VERSION,
    };
    const request = { account: storage.name, key: storage.key, method: "PUT", url: new URL(url), headers };
    const signed = { ...headers, authorization: sharedKeyAuthorization(request) };
    const reply = await client.send(
      { target, method: "PUT", headers: Object.entries(signed).flat(), body, keepBytes: 0 },
      signal,
    );
    if (reply.kind === "failed") return reply;
    if (reply.status === 201) return { kind: "accepted", httpStatus: 201, writtenTo: target.shown };
    return refusal(`PUT ${target.shown}`, reply.status, explain(reply.headers["x-ms-error-code"]));
  }

  function explain(errorCode: string | string[] | undefined): string {
    if (errorCode === undefined) return "";
    if (errorCode !== "ContainerNotFound") return `The storage account says ${String(errorCode).slice(0, 100)}.`;
    return `The storage account '${account}' has no container '${containerName}': create it.`;
  }

  return { deliver, close: async () => {} };
}

function misconfigured(detail: string): DeliveryOutcome {
  return { kind: "failed", outcome: "NotFound", detail };
}
