import { resourceName } from "../../core/resources/resource-id.ts";
import { labelText, type Labels } from "./exposition.ts";
import type { Families } from "./family.ts";
import { Histogram } from "./histogram.ts";
import { Tally } from "./tally.ts";

/** Counts of one topic or one source of system events. */
export class TopicSeries {
  readonly labels: string;
  /** Events. */
  published = 0;
  /** Requests. */
  readonly publishFailures: Tally = new Tally();
  readonly publishLatency: Histogram = new Histogram();
  unmatched = 0;

  /** @param resourceId id of the topic or source; by default, the series of all resources beyond the limit */
  constructor(resourceId: string = OTHER) {
    this.labels = labelText(topicLabels(resourceId));
  }
}

/** The metrics that Azure Monitor has of topics. [EG-METRIC-NAME] */
export const TOPIC_FAMILIES: Families<TopicSeries> = {
  published: {
    name: "eventgrid_publish_success_total",
    type: "counter",
    help: "PublishSuccessCount: events published to this topic.",
    write: (writer, { labels, published }) => writer.sample(labels, published),
  },
  publishFailures: {
    name: "eventgrid_publish_fail_total",
    type: "counter",
    help: "PublishFailCount: publish requests to this topic that failed.",
    write: (writer, { labels, publishFailures }) => publishFailures.write(writer, labels),
  },
  publishLatency: {
    name: "eventgrid_publish_success_latency_seconds",
    type: "histogram",
    help: "PublishSuccessLatencyInMs: time from a publish request's header to its response 200.",
    write: (writer, { labels, publishLatency }) => publishLatency.write(writer, labels),
  },
  unmatched: {
    name: "eventgrid_unmatched_event_total",
    type: "counter",
    help: "UnmatchedEventCount: events that matched no event subscription.",
    write: (writer, { labels, unmatched }) => writer.sample(labels, unmatched),
  },
};

/** Name of the series for all resources beyond the limit. */
export const OTHER = "other";

const DOMAIN = /\/Microsoft\.EventGrid\/domains\/[^/]+$/i;
const DOMAIN_TOPIC = /^(.*\/Microsoft\.EventGrid\/domains\/[^/]+)\/topics\/([^/]+)$/i;

/** Returns whether an id is that of a domain. */
export function isDomainId(id: string): boolean {
  return DOMAIN.test(id);
}

/**
 * Returns the labels of a topic. As in Azure, metrics of a domain have the domain topic in `topic`; for other
 * topics `topic` is their name.
 */
export function topicLabels(resourceId: string): Labels {
  const [, domain, topic = ""] = DOMAIN_TOPIC.exec(resourceId) ?? [];
  if (domain !== undefined) return { resource_id: domain, topic };
  return { resource_id: resourceId, topic: isDomainId(resourceId) ? "" : resourceName(resourceId) };
}
