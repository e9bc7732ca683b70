import type { Subscriber } from "../../core/subscriber.ts";
import type { EpochMs } from "../../core/time.ts";
import type { DeliveryQueue } from "../../ports/delivery-queue.ts";
import type { EngineEvent } from "../../ports/engine-events.ts";
import { BoundedSeries } from "./bounded-series.ts";
import { ExpositionWriter, labelText } from "./exposition.ts";
import { writeFamilies } from "./family.ts";
import { attemptFailureLabels, failureType, publishFailureLabels } from "./failure-labels.ts";
import { Histogram } from "./histogram.ts";
import { readDepths, type QueueReading } from "./queue-depths.ts";
import { SUBSCRIPTION_FAMILIES, SubscriptionSeries } from "./subscription-series.ts";
import { TOPIC_FAMILIES, TopicSeries } from "./topic-series.ts";

/**
 * Maximum number of topics with a series of their own, and of event subscriptions. All others are counted as `other`.
 */
export const MAX_SERIES = 2_000;

export interface MetricsOptions {
  readonly version: string;
  readonly queue: DeliveryQueue;
  readonly now: () => EpochMs;
  /** Returns `undefined` for a subscriber that was removed. */
  readonly subscriber: (uid: string) => Subscriber | undefined;
  /** Returns the number of advanced filters evaluated for a subscriber so far. */
  readonly filterEvaluations: (uid: string) => number;
  /** Handshakes of webhook subscriptions by their status. */
  readonly handshakes: () => Readonly<Record<string, number>>;
  /** Writes the metrics of the process. */
  readonly writeProcess: (writer: ExpositionWriter) => void;
  /** Default: {@link MAX_SERIES}. */
  readonly maxSeries?: number;
}

/**
 * Counts the engine's events and writes the counts for Prometheus. Counting costs a look-up and an addition; texts
 * are built only for a scrape.
 * Source: [EG-METRIC-NAME], [EG-METRIC-SERIES]
 */
export class Metrics {
  readonly #options: MetricsOptions;
  readonly #topics: BoundedSeries<TopicSeries>;
  readonly #subscriptions: BoundedSeries<SubscriptionSeries>;
  readonly #storing = new Histogram();

  constructor(options: MetricsOptions) {
    const max = options.maxSeries ?? MAX_SERIES;
    this.#options = options;
    this.#topics = new BoundedSeries(max, () => new TopicSeries());
    this.#subscriptions = new BoundedSeries(max, () => new SubscriptionSeries());
  }

  /** Counts one event. Used as an engine listener. */
  readonly count = (event: EngineEvent): void => {
    switch (event.kind) {
      case "published":
        this.#countPublished(event);
        return;
      case "publish-answered":
        this.#countAnswered(event);
        return;
      case "attempted":
        this.#countAttempt(event);
        return;
      case "dead-lettered":
      case "dropped":
        this.#countGivenUp(event);
        return;
      case "delayed":
      case "handshake":
        return;
      default:
        event satisfies never;
    }
  };

  /** Releases the series of a subscriber that was removed. */
  forgetSubscriber(uid: string): void {
    this.#subscriptions.forget(uid);
  }

  /** Releases the series of a topic, or of a source of system events, that was removed. */
  forgetSource(id: string): void {
    this.#topics.forget(id);
  }

  /** Returns all metrics in the text exposition format. Omits the depths of queues if the store cannot report them. */
  async text(): Promise<string> {
    const { queue, now, version, writeProcess, handshakes } = this.#options;
    const depths = await readDepths(queue, now()).catch(() => undefined);
    const writer = new ExpositionWriter();
    this.#readFilterEvaluations();
    writeFamilies(writer, TOPIC_FAMILIES, this.#topics.all());
    writeFamilies(writer, SUBSCRIPTION_FAMILIES, this.#subscriptions.all());
    if (depths !== undefined) this.#writeDepths(writer, depths);
    const help = "Time from decoding a publish request's events to storing their deliveries durably.";
    writer.family("ringmain_publish_store_seconds", "histogram", help);
    this.#storing.write(writer, "");
    writer.family("ringmain_handshakes", "gauge", "Webhook subscriptions by the status of their validation handshake.");
    for (const [status, count] of Object.entries(handshakes())) writer.sample(labelText({ status }), count);
    writer.family("ringmain_info", "gauge", "The running release; always 1.");
    writer.sample(labelText({ version }), 1);
    writeProcess(writer);
    return writer.text();
  }

  #ofTopic(id: string): TopicSeries {
    return this.#topics.of(id, () => new TopicSeries(id));
  }

  /** Returns the series of a subscription, or `undefined` if it was deleted: a new series would never be removed. */
  #ofSubscription(uid: string): SubscriptionSeries | undefined {
    const subscriber = this.#options.subscriber(uid);
    return subscriber && this.#subscriptions.of(uid, () => new SubscriptionSeries(subscriber));
  }

  #countPublished(event: EngineEvent & { kind: "published" }): void {
    const series = this.#ofTopic(event.topic);
    series.published += event.events;
    series.unmatched += event.unmatched;
    if (event.deliveries > 0) this.#storing.observe(event.durationMs);
    for (const queues of event.to) {
      for (const queue of queues) {
        const matched = this.#ofSubscription(queue);
        if (matched !== undefined) matched.matched += 1;
      }
    }
  }

  #countAnswered({ topic, durationMs, failure }: EngineEvent & { kind: "publish-answered" }): void {
    const series = this.#ofTopic(topic?.id ?? "");
    if (failure === undefined) series.publishLatency.observe(durationMs);
    else series.publishFailures.add(publishFailureLabels(failure.code), 1);
  }

  #countAttempt({ subscriber, outcome, durationMs, deliveries }: EngineEvent & { kind: "attempted" }): void {
    const series = this.#ofSubscription(subscriber.uid);
    if (series === undefined) return;
    const events = deliveries.length;
    series.processing.observe(durationMs);
    if (outcome.kind === "accepted") {
      series.delivered += events;
      return;
    }
    series.attemptFailures.add(attemptFailureLabels(outcome), events);
    const type = failureType(outcome);
    if (type === "ServerError" || type === "NetworkError") series.serverFailed += events;
  }

  #countGivenUp({ kind, subscriber, reason, systemIds }: EngineEvent & { kind: "dead-lettered" | "dropped" }): void {
    const series = this.#ofSubscription(subscriber.uid);
    if (kind === "dropped") series?.dropped.add(labelText({ drop_reason: reason }), systemIds.length);
    else series?.deadLettered.add(labelText({ dead_letter_reason: reason }), systemIds.length);
  }

  #readFilterEvaluations(): void {
    for (const [uid, series] of this.#subscriptions.entries()) {
      series.filterEvaluations = this.#options.filterEvaluations(uid);
    }
  }

  #writeDepths(writer: ExpositionWriter, readings: readonly QueueReading[]): void {
    writer.family("ringmain_queue_deliveries", "gauge", "Deliveries in a queue of an event subscription.");
    for (const [labels, count] of this.#depthsByLabels(readings)) writer.sample(labels, count);
  }

  /**
   * Returns the depth of every subscription with a series, including 0: an alert must see that a queue has become
   * empty.
   */
  #depthsByLabels(readings: readonly QueueReading[]): Map<string, number> {
    const depths = new Map<string, number>();
    const add = (labels: string, { queue, waiting, locked }: Omit<QueueReading, "uid">): void => {
      for (const [state, count] of Object.entries({ waiting, locked })) {
        const key = `${labels},${labelText({ queue, state })}`;
        depths.set(key, (depths.get(key) ?? 0) + count);
      }
    };
    for (const { labels } of this.#subscriptions.all()) add(labels, { queue: "delivery", waiting: 0, locked: 0 });
    for (const reading of readings) {
      const series = this.#ofSubscription(reading.uid);
      if (series !== undefined) add(series.labels, reading);
    }
    return depths;
  }
}
