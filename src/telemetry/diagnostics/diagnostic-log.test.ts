import { describe, expect, it } from "vitest";
import { delivery, NOW, subscriberTo, webhookTo } from "../../../test/contract/destination-fixtures.ts";
import { topicId } from "../../core/resources/resource-id.ts";
import { MINUTE_MS, SECOND_MS } from "../../core/time.ts";
import type { EngineEvent } from "../../ports/engine-events.ts";
import { SILENT_LOGGER } from "../../ports/logger.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { openDiagnosticLog, type DiagnosticLog } from "./diagnostic-log.ts";

type Record = Readonly<{ [name: string]: unknown }>;

/** Opens a diagnostic log with a clock that stands at {@link NOW}. Returns it with the records that it has written. */
function open(): { log: DiagnosticLog; clock: ManualClock; records: () => Record[] } {
  const clock = new ManualClock(NOW);
  let text = "";
  const write = async (lines: string): Promise<void> => {
    text += lines;
  };
  const log = openDiagnosticLog({ write, close: async () => {} }, clock, SILENT_LOGGER);
  const lines = (): string[] => text.split("\n").slice(0, -1);
  return { log, clock, records: () => lines().map((line) => JSON.parse(line) as Record) };
}

const topic = { id: topicId("orders"), inputSchema: "EventGridSchema" } as const;
const resourceId = topicId("orders").toUpperCase();

function answered(more: Partial<EngineEvent & { kind: "publish-answered" }> = {}): EngineEvent {
  const publisher = { address: "10.0.0.7", authentication: "Key" } as const;
  return { kind: "publish-answered", at: NOW, durationMs: 3, topic, publisher, ...more };
}

function attempted(more: Partial<EngineEvent & { kind: "attempted" }> = {}): EngineEvent {
  const deliveries = more.deliveries ?? [
    delivery({ secret: "event data" }, { deliveryCount: 2 }, { id: "order-1", systemId: "system-1", publishedAt: NOW }),
  ];
  return {
    kind: "attempted",
    at: NOW + 2_500,
    subscriber: webhookTo("https://user:pass@example.org/hook?code=s3cret#part"),
    deliveries,
    deliveryCount: 2,
    durationMs: 2_500,
    outcome: {
      kind: "failed",
      outcome: "NotFound",
      httpStatus: 404,
      detail: "POST https://example.org/hook answered 404.",
    },
    ...more,
  };
}

describe("DeliveryFailures", () => {
  it("has an entry for each event of a failed attempt in Azure's form, without secrets or data [EG-DIAGNOSTIC-DELIVERY]", async () => {
    const { log, records } = open();
    const event = attempted();
    log.listener(event);
    await log.close();
    const size = event.kind === "attempted" ? (event.deliveries[0]?.event.json.byteLength ?? 0) : 0;
    expect(records()).toEqual([
      {
        time: "2026-03-09T07:05:02.5000000Z",
        resourceId,
        eventSubscriptionName: "TO-WAREHOUSE",
        category: "DeliveryFailures",
        operationName: "Deliver",
        message:
          "Message:outcome=NotFound, latencyInMs=2500, id=order-1, systemId=system-1, state=FilteredFailingDelivery, " +
          "deliveryTime=3/9/2026 7:05:00 AM, deliveryCount=2, deliverySchema=EventGridEvent, " +
          "eventSubscriptionDeliverySchema=EventGridEvent, requestExpiration=3/10/2026 7:05:00 AM, delivered=False, " +
          "publishTime=3/9/2026 7:05:00 AM, eventTime=3/9/2026 7:00:00 AM, eventType=Order.Placed, " +
          `inputSchema=EventGridEvent, size=${size}, url=https://example.org/hook, ` +
          "deliveryResponse=NotFound: POST https://example.org/hook answered 404.",
      },
    ]);
  });

  it("has an entry for each event of a batch, and none for accepted events [EG-DIAGNOSTIC-DELIVERY]", async () => {
    const { log, records } = open();
    log.listener(attempted({ deliveries: [delivery(), delivery()] }));
    log.listener(attempted({ outcome: { kind: "accepted", httpStatus: 200 } }));
    await log.close();
    expect(records()).toHaveLength(2);
  });

  it("contains a function's resource id, and an invalid event time unchanged [EG-DIAGNOSTIC-DELIVERY]", async () => {
    const { log, records } = open();
    const resourceOfFunction = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/a/functions/f";
    const properties = { resourceId: resourceOfFunction };
    log.listener(
      attempted({
        subscriber: subscriberTo({ endpointType: "AzureFunction", properties }),
        deliveries: [delivery({}, {}, { time: undefined, schema: "CustomEventSchema" })],
      }),
    );
    await log.close();
    const message = records()[0]?.["message"];
    expect(message).toContain(`url=${resourceOfFunction}, `);
    expect(message).toContain("eventTime=, ");
    expect(message).toContain("inputSchema=CustomInputEvent, ");
  });
});

describe("PublishFailures", () => {
  const failure = { code: "forbidden", message: "Not from there.", url: "http://here/api/events" } as const;

  it("has an entry for a refused request in Azure's form [EG-DIAGNOSTIC-PUBLISH]", async () => {
    const { log, records } = open();
    log.listener(answered({ failure }));
    await log.close();
    expect(records()[0]).toEqual({
      time: "2026-03-09T07:05:00.0000000Z",
      resourceId,
      category: "PublishFailures",
      operationName: "Post",
      message:
        "inputEventsCount=null, requestUri=http://here/api/events, " +
        `publisherInfo=PublisherInfo(category=User, inputSchema=EventGridEvent, armResourceId=${resourceId}), ` +
        "httpStatusCode=Forbidden, errorType=Forbidden, errorMessage=Not from there.",
    });
  });

  it("has no entry for requests that named no topic [EG-DIAGNOSTIC-PUBLISH]", async () => {
    const { log, records } = open();
    const { topic: _topic, ...nowhere } = answered({ failure }) as EngineEvent & { kind: "publish-answered" };
    log.listener(nowhere);
    await log.close();
    expect(records()).toEqual([]);
  });
});

describe("DataPlaneRequests", () => {
  it("writes the number of equal requests once a minute [EG-DIAGNOSTIC-REQUESTS]", async () => {
    const { log, clock, records } = open();
    const other = { address: "10.0.0.8", tlsVersion: "1.3", authentication: "SASToken" } as const;
    log.listener(answered());
    log.listener(answered());
    log.listener(answered({ publisher: other }));
    log.listener(answered({ failure: { code: "store_full", message: "m", url: "u" } }));
    const requests = (): Record[] => records().filter(({ category }) => category === "DataPlaneRequests");
    clock.moveTo(NOW + MINUTE_MS - SECOND_MS);
    expect(requests()).toEqual([]);
    clock.moveTo(NOW + MINUTE_MS);
    await expect.poll(() => requests().length).toBe(1);
    const aggregated = { networkAccess: "PublicAccess", clientIpAddress: "10.0.0.7", tlsVersion: null };
    const authentication = { type: "Key" };
    expect(requests()[0]).toEqual({
      time: "2026-03-09T07:06:00.0000000Z",
      resourceId,
      operationName: "Microsoft.EventGrid/events/send",
      category: "DataPlaneRequests",
      level: "Information",
      region: "LOCAL",
      properties: {
        aggregatedRequests: [
          { ...aggregated, authentication, operationResult: "Success", totalOperations: 2 },
          {
            networkAccess: "PublicAccess",
            clientIpAddress: "10.0.0.8",
            tlsVersion: "1.3",
            authentication: { type: "SASToken" },
            operationResult: "Success",
            totalOperations: 1,
          },
          { ...aggregated, authentication, operationResult: "InternalServerError", totalOperations: 1 },
        ],
      },
    });
    log.listener(answered({ failure: { code: "payload_too_large", message: "m", url: "u" } }));
    await log.close();
    expect(requests()[1]).toMatchObject({
      properties: { aggregatedRequests: [{ operationResult: "RequestEntityTooLarge", totalOperations: 1 }] },
    });
  });

  it("ends a minute early if there are many different requests [EG-DIAGNOSTIC-REQUESTS]", async () => {
    const { log, records } = open();
    for (let client = 0; client < 1_000; client += 1) {
      log.listener(answered({ publisher: { address: `client-${client}`, authentication: "Key" } }));
    }
    await expect.poll(() => records().length).toBe(1);
    await log.close();
    expect(records()).toHaveLength(1);
  });
});
