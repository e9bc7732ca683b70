import type { Subscriber } from "../../core/subscriber.ts";
import { labelText } from "./exposition.ts";
import type { Families } from "./family.ts";
import { Histogram } from "./histogram.ts";
import { Tally } from "./tally.ts";
import { isDomainId, OTHER, topicLabels } from "./topic-series.ts";

/** Counts of one event subscription. */
export class SubscriptionSeries {
  readonly labels: string;
  matched = 0;
  /** Read at each scrape; `undefined` for the series of all subscribers beyond the limit. */
  filterEvaluations: number | undefined = undefined;
  delivered = 0;
  readonly attemptFailures: Tally = new Tally();
  /** Events whose attempt failed because of the endpoint: status 5xx, or no response. */
  serverFailed = 0;
  readonly processing: Histogram = new Histogram();
  readonly deadLettered: Tally = new Tally();
  readonly dropped: Tally = new Tally();

  /** @param subscriber the subscriber; by default, the series of all subscribers beyond the limit */
  constructor({ source, name }: Pick<Subscriber, "source" | "name"> = EVERYTHING) {
    const label = isDomainId(source) ? "domain_event_subscription_name" : "event_subscription_name";
    this.labels = labelText({ ...topicLabels(source), [label]: name });
  }
}

const EVERYTHING = { source: OTHER, name: OTHER };

/** The metrics that Azure Monitor has of event subscriptions. [EG-METRIC-NAME] */
export const SUBSCRIPTION_FAMILIES: Families<SubscriptionSeries> = {
  matched: {
    name: "eventgrid_matched_event_total",
    type: "counter",
    help: "MatchedEventCount: events matched to this event subscription.",
    write: (writer, { labels, matched }) => writer.sample(labels, matched),
  },
  filterEvaluations: {
    name: "eventgrid_advanced_filter_evaluation_total",
    type: "counter",
    help: "AdvancedFilterEvaluationCount: advanced filters evaluated for this event subscription.",
    write: (writer, { labels, filterEvaluations }) => {
      if (filterEvaluations !== undefined) writer.sample(labels, filterEvaluations);
    },
  },
  delivered: {
    name: "eventgrid_delivery_success_total",
    type: "counter",
    help: "DeliverySuccessCount: events delivered to this event subscription.",
    write: (writer, { labels, delivered }) => writer.sample(labels, delivered),
  },
  attemptFailures: {
    name: "eventgrid_delivery_attempt_fail_total",
    type: "counter",
    help: "DeliveryAttemptFailCount: events of failed attempts to deliver to this event subscription.",
    write: (writer, { labels, attemptFailures }) => attemptFailures.write(writer, labels),
  },
  serverFailed: {
    name: "eventgrid_server_delivery_success_ratio",
    type: "gauge",
    help: "ServerDeliverySuccessRate: share of delivered events among these and those that failed because of the endpoint, since the start.",
    write: (writer, { labels, delivered, serverFailed }) => {
      if (delivered + serverFailed > 0) writer.sample(labels, delivered / (delivered + serverFailed));
    },
  },
  processing: {
    name: "eventgrid_destination_processing_duration_seconds",
    type: "histogram",
    help: "DestinationProcessingDurationInMs: processing time of the destination, per attempt.",
    write: (writer, { labels, processing }) => processing.write(writer, labels),
  },
  deadLettered: {
    name: "eventgrid_dead_lettered_total",
    type: "counter",
    help: "DeadLetteredCount: events written as dead letters.",
    write: (writer, { labels, deadLettered }) => deadLettered.write(writer, labels),
  },
  dropped: {
    name: "eventgrid_dropped_event_total",
    type: "counter",
    help: "DroppedEventCount: events dropped without a dead letter.",
    write: (writer, { labels, dropped }) => dropped.write(writer, labels),
  },
};
