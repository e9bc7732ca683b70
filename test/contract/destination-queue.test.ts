import { QueueServiceClient, StorageSharedKeyCredential, type QueueClient } from "@azure/storage-queue";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DeliveryOutcome, LockedDelivery } from "../../src/core/delivery.ts";
import { storageAccountId } from "../../src/core/resources/resource-id.ts";
import type { StorageQueueProperties } from "../../src/core/destinations/storage-queue.ts";
import type { Subscriber } from "../../src/core/subscriber.ts";
import type { DestinationOptions, StorageAccount } from "../../src/destinations/index.ts";
import {
  AZURITE_ACCOUNT,
  AZURITE_KEY,
  runAzuriteQueue,
  type RunningAzuriteQueue,
} from "../support/servers/run-azurite.ts";
import { cloudEventDelivery, delivery, destinations, NEVER, subscriberTo } from "./destination-fixtures.ts";

describe("a queue in Azurite", () => {
  let azurite: RunningAzuriteQueue;
  let queue: QueueClient;
  let account: StorageAccount;
  beforeAll(async () => {
    azurite = await runAzuriteQueue();
    const queueEndpoint = `${azurite.queue}/${AZURITE_ACCOUNT}`;
    account = { name: AZURITE_ACCOUNT, blobEndpoint: "http://nowhere", queueEndpoint, key: AZURITE_KEY };
    const credential = new StorageSharedKeyCredential(AZURITE_ACCOUNT, AZURITE_KEY);
    queue = new QueueServiceClient(queueEndpoint, credential).getQueueClient("orders");
    await queue.create();
  }, 60_000);
  beforeEach(async () => {
    await queue.clearMessages();
  });
  afterAll(async () => azurite.stop());

  const put = async (
    one: LockedDelivery,
    properties: Partial<StorageQueueProperties> = {},
    options: Partial<DestinationOptions> = {},
    overrides: Partial<Subscriber> = {},
  ): Promise<DeliveryOutcome> => {
    const factory = destinations({ storageAccount: (name) => (name === "acme" ? account : undefined), ...options });
    const all = { resourceId: storageAccountId("acme"), queueName: "orders", ...properties };
    const destination = factory.open(subscriberTo({ endpointType: "StorageQueue", properties: all }, overrides));
    const outcome = await destination.deliver([one], Date.now(), NEVER);
    await factory.close();
    return outcome;
  };
  const received = async () => {
    const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: 32 });
    return receivedMessageItems;
  };

  it("holds one JSON object as Base64 in each message [EG-QUEUE-MESSAGE]", async () => {
    expect(await put(delivery({ subject: "Zürich <&>" }))).toEqual({ kind: "accepted", httpStatus: 201 });
    const [message, ...more] = await received();
    expect(more).toEqual([]);
    expect(JSON.parse(Buffer.from(message?.messageText ?? "", "base64").toString())).toMatchObject({
      subject: "Zürich <&>",
      eventType: "Order.Placed",
    });
  });

  it("holds unencoded JSON if configured [EG-QUEUE-MESSAGE]", async () => {
    await put(delivery({ subject: "Zürich <&>" }), {}, { queueMessageEncoding: "text" });
    const [message] = await received();
    expect(JSON.parse(message?.messageText ?? "")).toMatchObject({ subject: "Zürich <&>" });
  });

  it("holds CloudEvents if the subscription delivers them [EG-QUEUE-MESSAGE]", async () => {
    await put(cloudEventDelivery(), {}, {}, { eventDeliverySchema: "CloudEventSchemaV1_0" });
    const [message] = await received();
    const text = Buffer.from(message?.messageText ?? "", "base64").toString();
    expect(JSON.parse(text)).toMatchObject({ specversion: "1.0", type: "Order.Placed" });
  });

  it.each([
    [undefined, 7 * 24 * 3_600],
    [60, 60],
    [-1, Number.POSITIVE_INFINITY],
  ])("keeps a message for its time to live: %s s [EG-QUEUE-TTL]", async (seconds, expected) => {
    await put(delivery(), seconds === undefined ? {} : { queueMessageTimeToLiveInSeconds: seconds });
    const [message] = await received();
    const lives = (Number(message?.expiresOn) - Number(message?.insertedOn)) / 1_000;
    if (expected === Number.POSITIVE_INFINITY) expect(lives).toBeGreaterThan(100 * 365 * 24 * 3_600);
    else expect(lives).toBe(expected);
  });

  it("accepts an event of 48 KiB, and refuses a larger one permanently [EG-QUEUE-MESSAGE]", async () => {
    const overhead = delivery({ data: "" }).event.json.byteLength;
    const sized = (bytes: number): LockedDelivery => delivery({ data: "x".repeat(bytes - overhead - 2) });
    expect(await put(sized(48 * 1_024))).toMatchObject({ kind: "accepted" });
    expect(await put(sized(48 * 1_024 + 16))).toMatchObject({ outcome: "PayloadTooLarge", httpStatus: 413 });
    expect(await received()).toHaveLength(1);
  });

  it("fails with a remedy if the queue is missing", async () => {
    expect(await put(delivery(), { queueName: "nowhere" })).toMatchObject({
      outcome: "NotFound",
      httpStatus: 404,
      detail: expect.stringMatching(/no queue 'nowhere': create it\.$/),
    });
  });

  it("fails if the key is wrong, without revealing it", async () => {
    const key = Buffer.from("a wrong key").toString("base64");
    const outcome = await put(delivery(), {}, { storageAccount: () => ({ ...account, key }) });
    expect(outcome).toMatchObject({ kind: "failed", outcome: "Forbidden", httpStatus: 403 });
    expect(JSON.stringify(outcome)).not.toContain(key);
  });

  it("fails permanently if the account or its queue service is not configured [EG-DESTINATION-UNKNOWN]", async () => {
    const { queueEndpoint: _queues, ...blobsOnly } = account;
    for (const storageAccount of [() => undefined, () => blobsOnly]) {
      expect(await put(delivery(), {}, { storageAccount })).toMatchObject({
        outcome: "NotFound",
        misconfigured: true,
        detail: expect.stringContaining("'acme'"),
      });
    }
  });
});
