import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { Collector } from "../support/collector.ts";
import { parseExposition, valueOf, type Sample } from "../support/prometheus-text.ts";
import { Receiver } from "../support/servers/receiver.ts";
import { removeFolders, runRingmain, temporaryFolder, type RunningRingmain } from "../support/servers/run-ringmain.ts";

const key1 = Buffer.from("a key for the tests of telemetry").toString("base64");
const trace = "0af7651916cd43dd8448eb211c80319c";
const traceparent = `00-${trace}-b7ad6b7169203331-01`;

let receiver: Receiver;
beforeEach(async () => {
  receiver = await Receiver.start();
});
afterEach(() => receiver.stop());
afterAll(removeFolders);

const hook = (name: string, more: object = {}): object => ({
  name,
  destination: { endpointType: "WebHook", properties: { endpointUrl: `${receiver.url}/${name}?code=s3cret` } },
  ...more,
});

function publish(
  { ready }: RunningRingmain,
  topic: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${ready.http}/topics/${topic}/api/events`, {
    method: "POST",
    headers: { "aeg-sas-key": key1, ...headers },
    body: JSON.stringify(body),
  });
}

const event = (id: string) => ({
  id,
  subject: "orders/1",
  eventType: "Order.Placed",
  eventTime: "2026-01-01T00:00:00Z",
  data: { card: "4111-1111" },
});

async function scrape({ ready }: RunningRingmain, headers: Record<string, string> = {}): Promise<Sample[]> {
  const response = await fetch(`${ready.http}/metrics`, { headers });
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  return parseExposition(await response.text());
}

describe("a scrape", () => {
  it("counts successes, failures, dead letters and drops, and the diagnostic log names the events [EG-METRIC-NAME]", async () => {
    const folder = await temporaryFolder();
    const file = join(folder, "diagnostics.jsonl");
    const deadLetterDestination = { endpointType: "Folder", properties: { path: join(folder, "dead") } };
    const ringmain = await runRingmain({
      config: {
        delivery: { deadLetterDelaySeconds: 0 },
        diagnostics: { file },
        topics: [
          {
            name: "orders",
            key1,
            subscriptions: [
              hook("taken"),
              hook("failing"),
              hook("dropped"),
              hook("buried", { deadLetterDestination }),
              hook("other-type", { filter: { includedEventTypes: ["Other"] } }),
            ],
          },
        ],
      },
    });
    const statuses: Record<string, number> = { TAKEN: 200, FAILING: 503, DROPPED: 400, BURIED: 400 };
    receiver.answer = ({ headers }) => statuses[String(headers["aeg-subscription-name"])] ?? 500;
    expect((await publish(ringmain, "orders", [event("1"), event("2")])).status).toBe(200);
    expect((await publish(ringmain, "orders", [{ ...event("3"), id: "" }])).status).toBe(400);
    expect((await publish(ringmain, "nothing", [event("4")])).status).toBe(404);
    await fetch(`${ringmain.ready.http}/ringmain/quiesce`);
    const value = async (name: string, labels: Record<string, string>): Promise<number | undefined> =>
      valueOf(await scrape(ringmain), name, labels);
    await expect.poll(() => value("eventgrid_dead_lettered_total", { event_subscription_name: "buried" })).toBe(2);
    const samples = await scrape(ringmain);
    const of = (name: string, labels: Record<string, string> = {}): number | undefined =>
      valueOf(samples, name, { topic: "orders", ...labels });
    const by = (name: string): Record<string, string> => ({ event_subscription_name: name });
    expect(of("eventgrid_publish_success_total")).toBe(2);
    expect(of("eventgrid_publish_fail_total", { error: "BadRequest", error_type: "InputJsonInvalid" })).toBe(1);
    expect(valueOf(samples, "eventgrid_publish_fail_total", { topic: "", error_type: "ResourceNotFound" })).toBe(1);
    expect(of("eventgrid_publish_success_latency_seconds_count")).toBe(1);
    expect(of("eventgrid_unmatched_event_total")).toBe(0);
    expect(of("eventgrid_matched_event_total", by("taken"))).toBe(2);
    expect(of("eventgrid_matched_event_total", by("other-type"))).toBeUndefined();
    expect(of("eventgrid_delivery_success_total", by("taken"))).toBe(2);
    const busy = { ...by("failing"), error: "Busy", error_type: "ServerError" };
    expect(of("eventgrid_delivery_attempt_fail_total", busy)).toBe(2);
    expect(of("eventgrid_server_delivery_success_ratio", by("failing"))).toBe(0);
    const reason = "UndeliverableDueToHttpBadRequest";
    expect(of("eventgrid_dropped_event_total", { ...by("dropped"), drop_reason: reason })).toBe(2);
    expect(of("eventgrid_dead_lettered_total", { ...by("buried"), dead_letter_reason: reason })).toBe(2);
    const waiting = { queue: "delivery", state: "waiting" };
    expect(of("ringmain_queue_deliveries", { ...by("failing"), ...waiting })).toBe(2);
    expect(of("ringmain_queue_deliveries", { ...by("taken"), ...waiting })).toBe(0);
    expect(valueOf(samples, "process_resident_memory_bytes")).toBeGreaterThan(1_000_000);
    expect(valueOf(samples, "process_cpu_seconds_total")).toBeGreaterThan(0);
    expect(valueOf(samples, "process_start_time_seconds")).toBeGreaterThan(Date.now() / 1_000 - 600);

    await ringmain.stop();
    const text = await readFile(file, "utf8");
    const records = text
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, string>);
    const failed = records.filter(({ category }) => category === "DeliveryFailures");
    const names = failed.map(
      (record) => `${record["eventSubscriptionName"]} ${/ id=(\d)/.exec(record["message"] ?? "")?.[1]}`,
    );
    expect(names.toSorted()).toEqual(["BURIED 1", "BURIED 2", "DROPPED 1", "DROPPED 2", "FAILING 1", "FAILING 2"]);
    expect(records.filter(({ category }) => category === "PublishFailures")).toHaveLength(1);
    expect(records.filter(({ category }) => category === "DataPlaneRequests")).toHaveLength(1);
    for (const secret of ["s3cret", "4111", key1]) expect(text).not.toContain(secret);
  });

  it("requires a key in production", async () => {
    const key = "a-key-for-the-scraper";
    const ringmain = await runRingmain({ config: { mode: "production", metrics: { key }, topics: [] } });
    const { http } = ringmain.ready;
    expect((await fetch(`${http}/metrics`)).status).toBe(401);
    expect(
      (await fetch(`${http}/ringmain/subscriptions`, { headers: { authorization: `Bearer ${key}` } })).status,
    ).toBe(403);
    expect(valueOf(await scrape(ringmain, { authorization: `Bearer ${key}` }), "ringmain_info")).toBe(1);
    await ringmain.stop();
  });
});

it("diagnostic logs are written to standard output if the file is '-' [EG-DIAGNOSTIC-PUBLISH]", async () => {
  const ringmain = await runRingmain({
    config: { diagnostics: { file: "-" }, topics: [{ name: "orders", key1 }] },
  });
  await publish(ringmain, "orders", {});
  const record = await ringmain.line(({ category }) => category === "PublishFailures");
  expect(record["message"]).toContain("errorType=InputJsonInvalid");
  await ringmain.stop();
});

describe("a trace", () => {
  const cloudEvent = (id: string, more: object = {}): object => ({
    specversion: "1.0",
    type: "Order.Placed",
    source: "/shop",
    id,
    ...more,
  });
  const config = (): object => ({
    topics: [
      { name: "orders", key1, subscriptions: [hook("billing")] },
      { name: "clouds", key1, inputSchema: "CloudEventSchemaV1_0", subscriptions: [hook("archive")] },
    ],
  });

  it("leads from the publisher through Ringmain to the receiver [EG-TRACE-SPAN]", async () => {
    const collector = await Collector.start();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SERVICE_NAME: "my-router" };
    const ringmain = await runRingmain({ config: config(), env });
    await publish(ringmain, "orders", [event("1")], { traceparent, tracestate: "vendor=1" });
    await publish(ringmain, "clouds", cloudEvent("2", { traceparent }), {
      "content-type": "application/cloudevents+json",
    });
    await receiver.until(() => receiver.requests.length === 2);
    await ringmain.stop();
    await collector.stop();
    expect(collector.resource["service.name"]).toBe("my-router");
    expect(collector.spans.map(({ traceId }) => traceId)).toEqual([trace, trace, trace, trace]);
    for (const [topic, name] of [
      ["orders", "billing"],
      ["clouds", "archive"],
    ] as const) {
      const request = collector.spans.find((span) => span.name === `publish ${topic}`);
      const attempt = collector.spans.find((span) => span.name === `deliver ${name}`);
      expect(request?.parentSpanId).toBe("b7ad6b7169203331");
      expect(attempt?.parentSpanId).toBe(request?.spanId);
      const received = receiver.requests.find(({ headers }) => headers["aeg-subscription-name"] === name.toUpperCase());
      expect(received?.headers["traceparent"]).toBe(`00-${trace}-${attempt?.spanId}-01`);
    }
    const [first] = receiver.requests.filter(({ headers }) => headers["tracestate"] !== undefined);
    expect(first?.headers["tracestate"]).toBe("vendor=1");
    // The trace context that the publisher wrote into the event is kept.
    expect(receiver.events.find(({ id }) => id === "2")).toMatchObject({ traceparent });
  });

  it("is passed on unchanged without a collector [EG-TRACE-DELIVERY]", async () => {
    const ringmain = await runRingmain({ config: config() });
    await publish(ringmain, "orders", [event("1")], { traceparent, tracestate: "vendor=1" });
    await publish(ringmain, "orders", [event("2")], { traceparent: "nonsense" });
    await receiver.until(() => receiver.requests.length === 2);
    const headers = new Map(
      receiver.requests.map((request) => [(request.body as { id: string }[])[0]?.id, request.headers]),
    );
    expect(headers.get("1")).toMatchObject({ traceparent, tracestate: "vendor=1" });
    expect(headers.get("2")).not.toHaveProperty("traceparent");
    await ringmain.stop();
  });

  it("survives the end of the process [EG-TRACE-DELIVERY]", async () => {
    const data = join(await temporaryFolder(), "data");
    const killed = await runRingmain({ config: config(), data });
    const attempted = new Promise<void>((done) => {
      receiver.answer = () => {
        done();
        return new Promise(() => {});
      };
    });
    await publish(killed, "orders", [event("1")], { traceparent, tracestate: "vendor=1" });
    await attempted;
    await killed.kill();
    receiver.answer = () => 200;
    const ringmain = await runRingmain({ config: config(), data });
    await receiver.until(() => receiver.requests.length === 1);
    expect(receiver.requests[0]?.headers).toMatchObject({ traceparent, tracestate: "vendor=1" });
    await ringmain.stop();
  });

  it("causes only a warning if its collector is unavailable", async () => {
    const ringmain = await runRingmain({
      config: config(),
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" },
    });
    expect((await publish(ringmain, "orders", [event("1")])).status).toBe(200);
    expect(await ringmain.stop()).toBe(0);
    expect(ringmain.lines.join()).toContain("trace_export_failed");
  });
});
