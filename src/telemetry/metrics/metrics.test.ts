import { describe, expect, it } from "vitest";
import {
  desiredSubscription,
  desiredTopic,
  failed,
  makeEvent,
  startEngineOfTest,
  type EngineHarness,
} from "../../../test/support/servers/engine-harness.ts";
import { parseExposition, valueOf, type Sample } from "../../../test/support/prometheus-text.ts";
import type { DeliveryOutcome } from "../../core/delivery.ts";
import { topicId } from "../../core/resources/resource-id.ts";
import { MINUTE_MS } from "../../core/time.ts";
import { Metrics } from "./metrics.ts";
import { SUBSCRIPTION_FAMILIES } from "./subscription-series.ts";
import { TOPIC_FAMILIES } from "./topic-series.ts";

interface MetricsHarness extends EngineHarness {
  readonly metrics: Metrics;
  scrape(): Promise<Sample[]>;
}

/** Starts an engine with the topic `orders` and counts its events. */
async function start(maxSeries?: number): Promise<MetricsHarness> {
  const harness = await startEngineOfTest();
  const { engine, store, clock } = harness;
  const metrics = new Metrics({
    version: "1.2.3",
    queue: store.queue,
    now: () => clock.now(),
    subscriber: (uid) => engine.directory.subscriberByUid(uid),
    filterEvaluations: (uid) => engine.router.filterEvaluations(uid),
    handshakes: () => engine.handshakes.counts(),
    writeProcess: () => {},
    ...(maxSeries !== undefined && { maxSeries }),
  });
  engine.observe(metrics.count);
  return { ...harness, metrics, scrape: async () => parseExposition(await metrics.text()) };
}

/** Releases the series of a resource that was deleted, whatever it was. */
function forget(metrics: Metrics, { id, uid }: { readonly id: string; readonly uid: string }): void {
  metrics.forgetSubscriber(uid);
  metrics.forgetSource(id);
}

const orders = { resource_id: topicId("orders"), topic: "orders" };
const billing = { ...orders, event_subscription_name: "billing" };
const networkFailure: DeliveryOutcome = { kind: "failed", outcome: "SocketError", detail: "no connection" };

describe("metrics", () => {
  it("count published and matched events, filter evaluations and deliveries, by Azure's names [EG-METRIC-NAME]", async () => {
    const run = await start();
    const advancedFilters = [
      { operatorType: "StringContains", key: "subject", values: ["orders"] },
      { operatorType: "StringContains", key: "subject", values: ["1"] },
    ] as const;
    await run.engine.controlPlane.put(desiredSubscription("billing", { filter: { advancedFilters } }));
    await run.publish(makeEvent(), makeEvent({ subject: "invoices/2" }));
    await run.engine.idle();
    const samples = await run.scrape();
    expect(valueOf(samples, "eventgrid_publish_success_total", orders)).toBe(2);
    expect(valueOf(samples, "eventgrid_unmatched_event_total", orders)).toBe(1);
    expect(valueOf(samples, "eventgrid_matched_event_total", billing)).toBe(1);
    expect(valueOf(samples, "eventgrid_advanced_filter_evaluation_total", billing)).toBe(4);
    expect(valueOf(samples, "eventgrid_delivery_success_total", billing)).toBe(1);
    expect(valueOf(samples, "eventgrid_server_delivery_success_ratio", billing)).toBe(1);
    expect(valueOf(samples, "eventgrid_destination_processing_duration_seconds_count", billing)).toBe(1);
    expect(valueOf(samples, "ringmain_publish_store_seconds_count")).toBe(1);
    expect(valueOf(samples, "ringmain_info", { version: "1.2.3" })).toBe(1);
  });

  it("have a count in every family once everything has happened [EG-METRIC-NAME]", async () => {
    const run = await start();
    const filter = {
      advancedFilters: [{ operatorType: "StringContains", key: "subject", values: ["orders"] }],
    } as const;
    const deadLetterDestination = { endpointType: "Folder", properties: { path: "dead" } } as const;
    await run.engine.controlPlane.put(desiredSubscription("billing", { filter }));
    await run.engine.controlPlane.put(desiredSubscription("archive", { filter, deadLetterDestination }));
    await run.engine.controlPlane.put(desiredSubscription("lossy", { filter }));
    const outcomes = [failed(500)];
    run.destination("billing").answer = () => outcomes.shift() ?? { kind: "accepted" };
    for (const name of ["archive", "lossy"]) run.destination(name).answer = () => failed(400);
    await run.publish(makeEvent(), makeEvent({ subject: "invoices/2" }));
    const publisher = { authentication: "Key" } as const;
    const topic = { id: topicId("orders"), inputSchema: "EventGridSchema" } as const;
    const failure = { code: "input_json_invalid", message: "m", url: "http://here/api/events" } as const;
    run.engine.notify({ kind: "publish-answered", at: 0, durationMs: 7, publisher, topic });
    run.engine.notify({ kind: "publish-answered", at: 0, durationMs: 7, publisher, topic, failure });
    await run.fastForward(10 * MINUTE_MS);
    const samples = await run.scrape();
    const counted = (family: string): boolean =>
      samples.some(({ name, value }) => name.startsWith(family) && value > 0);
    const families = [...Object.values(TOPIC_FAMILIES), ...Object.values(SUBSCRIPTION_FAMILIES)];
    expect(families.map(({ name }) => name).filter((name) => !counted(name))).toEqual([]);
  });

  it("count failed attempts by outcome and cause [EG-METRIC-ERROR]", async () => {
    const run = await start();
    await run.engine.controlPlane.put(desiredSubscription("billing"));
    const outcomes = [failed(500), networkFailure, failed(404), failed(302)];
    run.destination("billing").answer = () => outcomes.shift() ?? { kind: "accepted" };
    await run.publish(makeEvent());
    await run.fastForward(30 * MINUTE_MS);
    const samples = await run.scrape();
    const failures = samples.filter(({ name }) => name === "eventgrid_delivery_attempt_fail_total");
    expect(failures.map(({ labels, value }) => [labels["error"], labels["error_type"], value])).toEqual([
      ["GenericError", "ServerError", 1],
      ["SocketError", "NetworkError", 1],
      ["GenericError", "ClientError", 1],
      ["GenericError", "Redirect", 1],
    ]);
    expect(valueOf(samples, "eventgrid_server_delivery_success_ratio", billing)).toBe(1 / 3);
  });

  it("count failed publish requests by Azure's codes [EG-METRIC-ERROR]", async () => {
    const run = await start();
    const publisher = { authentication: "Key" } as const;
    const failure = { code: "input_json_invalid", message: "m", url: "http://here/api/events" } as const;
    const topic = { id: topicId("orders"), inputSchema: "EventGridSchema" } as const;
    const answered = { kind: "publish-answered", at: 0, durationMs: 7, publisher } as const;
    run.engine.notify({ ...answered, topic, failure });
    run.engine.notify({ ...answered, topic });
    run.engine.notify({ ...answered, failure: { ...failure, code: "not_found" } });
    const samples = await run.scrape();
    const invalid = { ...orders, error: "BadRequest", error_type: "InputJsonInvalid" };
    expect(valueOf(samples, "eventgrid_publish_fail_total", invalid)).toBe(1);
    expect(valueOf(samples, "eventgrid_publish_fail_total", { topic: "", error: "NotFound" })).toBe(1);
    expect(valueOf(samples, "eventgrid_publish_success_latency_seconds_sum", orders)).toBe(0.007);
  });

  it("count dropped and dead-lettered events by reason", async () => {
    const run = await start();
    await run.engine.controlPlane.put(desiredSubscription("billing"));
    const deadLetterDestination = { endpointType: "Folder", properties: { path: "dead" } } as const;
    await run.engine.controlPlane.put(desiredSubscription("archive", { deadLetterDestination }));
    for (const name of ["billing", "archive"]) run.destination(name).answer = () => failed(400);
    await run.publish(makeEvent(), makeEvent());
    await run.fastForward(10 * MINUTE_MS);
    const samples = await run.scrape();
    const reason = "UndeliverableDueToHttpBadRequest";
    expect(valueOf(samples, "eventgrid_dropped_event_total", { ...billing, drop_reason: reason })).toBe(2);
    const archive = { event_subscription_name: "archive", dead_letter_reason: reason };
    expect(valueOf(samples, "eventgrid_dead_lettered_total", archive)).toBe(2);
  });

  it("count subscriptions by the status of their handshake [EG-HANDSHAKE-DEV]", async () => {
    const run = await start();
    run.destination("mute").consent = () => ({ kind: "awaiting-manual-action", detail: "no code" });
    for (const name of ["billing", "archive", "mute"]) await run.engine.controlPlane.put(desiredSubscription(name));
    await run.engine.idle();
    const samples = (await run.scrape()).filter(({ name }) => name === "ringmain_handshakes");
    expect(samples.map(({ labels, value }) => [labels["status"], value])).toEqual([
      ["pending", 0],
      ["validated", 2],
      ["awaiting-manual-action", 1],
      ["failed", 0],
    ]);
  });

  it("report waiting and locked deliveries, and waiting dead letters", async () => {
    const run = await start();
    const deadLetterDestination = { endpointType: "Folder", properties: { path: "dead" } } as const;
    await run.engine.controlPlane.put(desiredSubscription("billing", { deadLetterDestination }));
    const depths = async (queue: string): Promise<(number | undefined)[]> => {
      const samples = await run.scrape();
      return ["waiting", "locked"].map((state) =>
        valueOf(samples, "ringmain_queue_deliveries", { ...billing, queue, state }),
      );
    };
    let answer: (outcome: DeliveryOutcome) => void = () => {};
    run.destination("billing").answer = () => new Promise((resolve) => (answer = resolve));
    await run.publish(makeEvent());
    await expect.poll(() => run.destination("billing").attempts.length).toBe(1);
    expect(await depths("delivery")).toEqual([0, 1]);
    answer(failed(400));
    await run.engine.idle();
    expect(await depths("dead_letter")).toEqual([1, 0]);
    expect(await depths("delivery")).toEqual([0, 0]);
    expect(run.clock.now()).toBeGreaterThan(0);
  });

  it("share one series beyond the limit, and a deleted resource frees its series [EG-METRIC-SERIES]", async () => {
    const run = await start(2);
    run.engine.directory.onChange((before, after) => {
      if (before !== undefined && after === undefined) forget(run.metrics, before);
    });
    for (const name of ["first", "second", "third", "fourth"]) {
      await run.engine.controlPlane.put(desiredSubscription(name));
    }
    await run.publish(makeEvent());
    await run.engine.idle();
    const matched = async (): Promise<Record<string, number>> =>
      Object.fromEntries(
        (await run.scrape())
          .filter(({ name }) => name === "eventgrid_matched_event_total")
          .map(({ labels, value }) => [labels["event_subscription_name"] ?? "", value]),
      );
    const before = await matched();
    expect(Object.keys(before)).toHaveLength(3);
    expect(before["other"]).toBe(2);
    const [gone = ""] = Object.keys(before).filter((name) => name !== "other");
    await run.engine.controlPlane.delete(desiredSubscription(gone).id);
    expect(Object.keys(await matched())).not.toContain(gone);
    await run.publish(makeEvent());
    await run.engine.idle();
    const after = await matched();
    expect(Object.keys(after)).toHaveLength(3);
    expect(after["other"]).toBe(3);
  });

  it("do not exist for a deleted topic, or for later events of its subscriptions [EG-METRIC-SERIES]", async () => {
    const run = await start();
    run.engine.directory.onChange((before, after) => {
      if (before !== undefined && after === undefined) forget(run.metrics, before);
    });
    await run.engine.controlPlane.put(desiredSubscription("billing"));
    let answer: (outcome: DeliveryOutcome) => void = () => {};
    run.destination("billing").answer = () => new Promise((resolve) => (answer = resolve));
    await run.publish(makeEvent());
    await expect.poll(() => run.destination("billing").attempts.length).toBe(1);
    // The deletion notice gets its response at once; the attempt ends after it.
    run.destination("billing").answer = () => Promise.resolve({ kind: "accepted" });
    await run.engine.controlPlane.delete(desiredTopic().id);
    answer({ kind: "accepted" });
    await run.engine.idle();
    const samples = await run.scrape();
    expect(samples.filter(({ labels }) => labels["topic"] !== undefined)).toEqual([]);
  });

  it("omit the depths if the store cannot report them", async () => {
    const run = await start();
    await run.engine.controlPlane.put(desiredSubscription("billing"));
    await run.publish(makeEvent());
    await run.engine.idle();
    run.store.queue.occupiedQueues = () => Promise.reject(new Error("away"));
    const names = (await run.scrape()).map(({ name }) => name);
    expect(names).toContain("eventgrid_matched_event_total");
    expect(names).not.toContain("ringmain_queue_deliveries");
  });
});
