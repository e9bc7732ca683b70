import type { ExpositionWriter } from "./exposition.ts";
import type { SubscriptionSeries, Tally, TopicSeries } from "./series.ts";

/** Writes Azure Monitor's metrics of topics. [EG-METRIC-NAME] */
export function writeTopics(writer: ExpositionWriter, topics: readonly TopicSeries[]): void {
  writer.family("eventgrid_publish_success_total", "counter", "PublishSuccessCount: events published to this topic.");
  for (const { labels, published } of topics) writer.sample(labels, published);
  writer.family(
    "eventgrid_publish_fail_total",
    "counter",
    "PublishFailCount: publish requests to this topic that failed.",
  );
  for (const { labels, publishFailures } of topics) writeTally(writer, labels, publishFailures);
  writer.family(
    "eventgrid_publish_success_latency_seconds",
    "histogram",
    "PublishSuccessLatencyInMs: time from a publish request's header to its response 200.",
  );
  for (const { labels, publishLatency } of topics) publishLatency.write(writer, labels);
  writer.family(
    "eventgrid_unmatched_event_total",
    "counter",
    "UnmatchedEventCount: events that matched no event subscription.",
  );
  for (const { labels, unmatched } of topics) writer.sample(labels, unmatched);
}

/**
 * Writes Azure Monitor's metrics of event subscriptions. [EG-METRIC-NAME]
 *
 * @param evaluations numbers of evaluated advanced filters, by the labels of the series
 */
export function writeSubscriptions(
  writer: ExpositionWriter,
  subscriptions: readonly SubscriptionSeries[],
  evaluations: ReadonlyMap<string, number>,
): void {
  writer.family(
    "eventgrid_matched_event_total",
    "counter",
    "MatchedEventCount: events matched to this event subscription.",
  );
  for (const { labels, matched } of subscriptions) writer.sample(labels, matched);
  writer.family(
    "eventgrid_advanced_filter_evaluation_total",
    "counter",
    "AdvancedFilterEvaluationCount: advanced filters evaluated for this event subscription.",
  );
  for (const [labels, count] of evaluations) writer.sample(labels, count);
  writer.family(
    "eventgrid_delivery_success_total",
    "counter",
    "DeliverySuccessCount: events delivered to this event subscription.",
  );
  for (const { labels, delivered } of subscriptions) writer.sample(labels, delivered);
  writer.family(
    "eventgrid_delivery_attempt_fail_total",
    "counter",
    "DeliveryAttemptFailCount: events of failed attempts to deliver to this event subscription.",
  );
  for (const { labels, attemptFailures } of subscriptions) writeTally(writer, labels, attemptFailures);
  writer.family(
    "eventgrid_server_delivery_success_ratio",
    "gauge",
    "ServerDeliverySuccessRate: share of delivered events among these and those that failed because of the endpoint, since the start.",
  );
  for (const { labels, delivered, serverFailed } of subscriptions) {
    if (delivered + serverFailed > 0) writer.sample(labels, delivered / (delivered + serverFailed));
  }
  writer.family(
    "eventgrid_destination_processing_duration_seconds",
    "histogram",
    "DestinationProcessingDurationInMs: processing time of the destination, per attempt.",
  );
  for (const { labels, processing } of subscriptions) processing.write(writer, labels);
  writer.family("eventgrid_dead_lettered_total", "counter", "DeadLetteredCount: events written as dead letters.");
  for (const { labels, deadLettered } of subscriptions) writeTally(writer, labels, deadLettered);
  writer.family("eventgrid_dropped_event_total", "counter", "DroppedEventCount: events dropped without a dead letter.");
  for (const { labels, dropped } of subscriptions) writeTally(writer, labels, dropped);
}

/** Writes the numbers of waiting and locked deliveries. */
export function writeQueues(writer: ExpositionWriter, depths: ReadonlyMap<string, number>): void {
  writer.family("ringmain_queue_deliveries", "gauge", "Deliveries in a queue of an event subscription.");
  for (const [labels, count] of depths) writer.sample(labels, count);
}

function writeTally(writer: ExpositionWriter, labels: string, tally: Tally): void {
  for (const [more, count] of tally.entries()) writer.sample(`${labels},${more}`, count);
}
