import { deadLetterQueueName, deliveryQueueName, type QueueName } from "../../src/core/delivery.ts";
import type { EventEnvelope } from "../../src/core/event.ts";
import { eventSubscriptionId, topicId } from "../../src/core/resources/resource-id.ts";
import {
  DEFAULT_RETRY_POLICY,
  type EventSubscriptionResource,
  type Resource,
  type TopicResource,
} from "../../src/core/resources/resources.ts";
import type { Store } from "../../src/ports/store.ts";

/** Time of everything in the fixtures. */
export const NOW = 1_767_225_600_000;
/** A time at which every delivery is due. */
export const LATER: number = NOW + 100_000_000;

export const billing: QueueName = deliveryQueueName("uid-billing");
export const warehouse: QueueName = deliveryQueueName("uid-warehouse");
export const deadLetters: QueueName = deadLetterQueueName("uid-billing");

const topic: TopicResource = {
  id: topicId("orders"),
  name: "orders",
  type: "Microsoft.EventGrid/topics",
  uid: "uid-orders",
  location: "local",
  keys: { key1: "Zmlyc3Qga2V5", key2: "c2Vjb25kIGtleQ==" },
  properties: { inputSchema: "EventGridSchema" },
};

function subscription(name: string, more: Partial<EventSubscriptionResource["properties"]>): EventSubscriptionResource {
  return {
    id: eventSubscriptionId(topic.id, name),
    name,
    type: "Microsoft.EventGrid/eventSubscriptions",
    uid: `uid-${name}`,
    location: "local",
    properties: {
      topic: topic.id,
      provisioningState: "Succeeded",
      destination: { endpointType: "WebHook", properties: { endpointUrl: `http://127.0.0.1:9/${name}` } },
      filter: { includedEventTypes: ["Order.Placed"], subjectBeginsWith: "orders/" },
      retryPolicy: DEFAULT_RETRY_POLICY,
      eventDeliverySchema: "EventGridSchema",
      ...more,
    },
  };
}

/** Resources of the fixtures. */
export const resources: readonly Resource[] = [
  topic,
  subscription("billing", { deadLetterDestination: { endpointType: "Folder", properties: { path: "dead" } } }),
  subscription("warehouse", {}),
];

function event(id: string, more: Partial<EventEnvelope> = {}, bytes = 0): EventEnvelope {
  return {
    systemId: `system-${id}`,
    schema: "EventGridSchema",
    topic: topic.id,
    id,
    type: "Order.Placed",
    subject: "orders/1",
    time: "2026-01-01T00:00:00.0000000Z",
    dataVersion: "1.0",
    publishedAt: NOW,
    json: new Uint8Array(Buffer.from(JSON.stringify({ id, text: "Ünïcödé 🦊", data: "x".repeat(bytes) }))),
    ...more,
  };
}

/** Events of every form: small and alone, shared, larger than a page, in each schema, without optional members. */
const items: readonly { readonly event: EventEnvelope; readonly to: readonly QueueName[] }[] = [
  { event: event("alone"), to: [billing] },
  { event: event("shared"), to: [billing, warehouse] },
  { event: event("large", {}, 9_000), to: [billing, warehouse] },
  { event: event("large and alone", {}, 5_000), to: [warehouse] },
  { event: event("cloud", { schema: "CloudEventSchemaV1_0" }), to: [warehouse] },
  {
    event: event("custom", { schema: "CustomEventSchema", subject: undefined, time: undefined }),
    to: [warehouse],
  },
  { event: event("tried"), to: [billing] },
  { event: event("given up"), to: [billing] },
  { event: event("done"), to: [billing, warehouse] },
];

const attempt = {
  at: NOW + 500,
  outcome: "Busy",
  httpStatus: 503,
  detail: "POST http://127.0.0.1:9/ answered 503.",
} as const;

/** Fills an empty store, using every operation that leaves data. */
export async function fill({ queue, resources: stored }: Store): Promise<void> {
  for (const resource of resources) await stored.put(resource, { kind: "absent" });
  await queue.enqueue(items, NOW);
  const later = { now: NOW + 1_000, dueAt: NOW + 10_000, attempt };
  for (const name of [billing, warehouse] as QueueName[]) {
    for (const delivery of await queue.receive(name, { max: 100, lockMs: 60_000, now: NOW })) {
      const tokens = [delivery.lockToken];
      const { id } = delivery.event;
      // These remain in the groups they were stored with, parts of which have ended. They wait when the store is
      // opened again.
      if (id === "alone" || id === "cloud" || id === "custom") continue;
      if (id === "done") await queue.acknowledge(name, tokens, NOW);
      else if (id === "tried") await queue.release(name, tokens, later);
      else if (id === "given up") {
        const moveTo = { queue: deadLetters, dueAt: NOW + 300_000 };
        await queue.reject(name, tokens, { now: NOW + 1_000, reason: "MaxDeliveryAttemptsExceeded", attempt, moveTo });
      } else await queue.release(name, tokens, { now: NOW, dueAt: NOW });
    }
  }
}

/** Returns the contents of a store in a comparable form. Locks the deliveries that it reads. */
export async function contents({ queue, resources: stored }: Store): Promise<unknown> {
  const queues: Record<string, unknown[]> = {};
  for (const { queue: name } of await queue.occupiedQueues()) {
    const received = await queue.receive(name, { max: 100, lockMs: 60_000, now: LATER });
    queues[name] = received.map(
      ({ lockToken: _token, receivedAt: _at, lockedUntil: _until, event: held, ...rest }) => ({
        ...rest,
        event: { ...held, json: Buffer.from(held.json).toString("utf8") },
      }),
    );
  }
  return JSON.parse(JSON.stringify({ resources: await stored.list(), queues }));
}
