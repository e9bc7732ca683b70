import { expect } from "vitest";
import type { QueueName } from "../../src/core/delivery.ts";
import type { EventEnvelope } from "../../src/core/event.ts";

export const queueName = (name: string): QueueName => name as QueueName;

/** Returns an event whose JSON has exactly `bytes` bytes. */
export function storedEvent(id: string, bytes = 60): EventEnvelope {
  const json = JSON.stringify({ id, data: "" });
  const padding = "x".repeat(Math.max(0, bytes - Buffer.byteLength(json)));
  return {
    systemId: `system-${id}`,
    schema: "EventGridSchema",
    topic: "/subscriptions/s/resourceGroups/g/providers/Microsoft.EventGrid/topics/orders",
    id,
    type: "Order.Placed",
    subject: "orders/1",
    time: "2026-01-01T00:00:00.0000000Z",
    dataVersion: "1.0",
    publishedAt: 1_767_225_600_000,
    json: new Uint8Array(Buffer.from(JSON.stringify({ id, data: padding }))),
  };
}

/** Compares events. Compares their JSON as bytes, because the test runner takes seconds to compare a megabyte. */
export function expectEvents(actual: readonly EventEnvelope[], expected: readonly EventEnvelope[]): void {
  expect(withoutJson(actual)).toEqual(withoutJson(expected));
  for (const [index, { json }] of actual.entries()) {
    expect(Buffer.compare(json, expected[index]?.json ?? new Uint8Array())).toBe(0);
  }
}

function withoutJson(events: readonly EventEnvelope[]): unknown[] {
  return events.map((event) => ({ ...event, json: 0 }));
}
