import { encodeEvent } from "../../codec/encode/encode-event.ts";
import { sharedKeyAuthorization } from "../../codec/storage-shared-key.ts";
import type { DeliveryOutcome, LockedDelivery } from "../../core/delivery.ts";
import { destinationNames } from "../../core/destinations/destination-facts.ts";
import type { StorageQueueProperties } from "../../core/destinations/storage-queue.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import type { EpochMs } from "../../core/time.ts";
import type { Destination } from "../../ports/destination.ts";
import { unknownConnection } from "../outgoing/attempt.ts";
import type { HttpClient } from "../outgoing/http-client.ts";
import { httpTarget } from "../outgoing/http-target.ts";
import { refusal } from "../outgoing/status-outcome.ts";
import { oneByOne } from "../push/one-by-one.ts";
import type { FindStorageAccount, StorageAccount } from "../storage-account.ts";

/** Options for {@link openStorageQueue}. */
export interface StorageQueueOptions {
  readonly client: HttpClient;
  readonly storageAccount: FindStorageAccount;
  /** Encoding of messages. Azure uses `base64`. [EG-QUEUE-MESSAGE] */
  readonly encoding: "base64" | "text";
}

const API_VERSION = "2021-12-02";
const DEFAULT_TTL_SECONDS = 7 * 24 * 3_600;
/** The service's limit on the text of a message. With Base64, an event may have 48 KiB. */
const MAX_TEXT_BYTES = 65_536;

/**
 * Opens a destination that puts each event into a storage queue, as a message of its own. Source: [EG-QUEUE-MESSAGE]
 */
export function openStorageQueue(
  options: StorageQueueOptions,
  subscriber: Subscriber,
  { resourceId, queueName, queueMessageTimeToLiveInSeconds }: StorageQueueProperties,
): Destination {
  const { client, encoding } = options;
  const [name = ""] = destinationNames("StorageQueue", resourceId);
  // [EG-QUEUE-TTL]
  const ttl = queueMessageTimeToLiveInSeconds ?? DEFAULT_TTL_SECONDS;

  async function deliverOne(delivery: LockedDelivery, now: EpochMs, signal: AbortSignal): Promise<DeliveryOutcome> {
    const account = options.storageAccount(name);
    if (account?.queueEndpoint === undefined) return unknownConnection(name, "to a storage account with queues");
    const text = messageText(delivery, subscriber, encoding);
    const queue = `${account.queueEndpoint.replace(/\/$/, "")}/${encodeURIComponent(queueName)}/messages`;
    const url = `${queue}?messagettl=${ttl}`;
    const target = httpTarget(url);
    if (target === undefined) return unknownConnection(name, "with an HTTP or HTTPS address of its queues");
    if (Buffer.byteLength(text) > MAX_TEXT_BYTES) return refusal(`POST ${target.shown}`, 413, TOO_LARGE);
    const body = Buffer.from(`<QueueMessage><MessageText>${text}</MessageText></QueueMessage>`);
    const headers = signedHeaders(account, url, body, now);
    const reply = await client.send({ target, method: "POST", headers, body, keepBytes: 0 }, signal);
    if (reply.kind === "failed") return reply;
    if (reply.status === 201) return { kind: "accepted", httpStatus: 201 };
    return refusal(`POST ${target.shown}`, reply.status, explain(reply.headers["x-ms-error-code"]));
  }

  function explain(errorCode: string | string[] | undefined): string {
    if (errorCode === undefined) return "";
    if (errorCode !== "QueueNotFound") return `The storage account says ${String(errorCode).slice(0, 100)}.`;
    return `The storage account '${name}' has no queue '${queueName}': create it.`;
  }

  return { deliver: oneByOne(deliverOne), close: async () => {} };
}

const TOO_LARGE = "The event was not sent: a queue message has at most 64 KiB, which is 48 KiB of an event in Base64.";

/** Returns the text of a message: one JSON object, not an array. */
function messageText(
  { event }: LockedDelivery,
  { eventDeliverySchema }: Subscriber,
  encoding: StorageQueueOptions["encoding"],
): string {
  const json = Buffer.from(encodeEvent(event, eventDeliverySchema));
  if (encoding === "base64") return json.toString("base64");
  return json.toString().replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function signedHeaders({ name, key }: StorageAccount, url: string, body: Buffer, now: EpochMs): string[] {
  const headers = {
    "content-length": String(body.byteLength),
    "content-type": "application/xml",
    "x-ms-date": new Date(now).toUTCString(),
    "x-ms-version": API_VERSION,
  };
  const authorization = sharedKeyAuthorization({ account: name, key, method: "POST", url: new URL(url), headers });
  return Object.entries({ ...headers, authorization }).flat();
}
