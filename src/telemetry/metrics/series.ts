import { resourceName } from "../../core/resources/resource-id.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import { Histogram } from "./histogram.ts";
import { labelText } from "./exposition.ts";

/** Counts by the values of one further dimension. */
export class Tally {
  readonly #counts = new Map<string, number>();

  /**
   * Adds to the count of a dimension's value.
   *
   * @param labels result of `labelText`, with few different values
   */
  add(labels: string, count: number): void {
    this.#counts.set(labels, (this.#counts.get(labels) ?? 0) + count);
  }

  entries(): IterableIterator<[labels: string, count: number]> {
    return this.#counts.entries();
  }
}

/** Counts of one topic or one source of system events. */
export class TopicSeries {
  readonly labels: string;
  published = 0;
  unmatched = 0;
  readonly publishFailures: Tally = new Tally();
  readonly publishLatency: Histogram = new Histogram();

  /** @param resourceId id of the topic or source; by default, the series of all resources beyond the limit */
  constructor(resourceId: string = OTHER) {
    this.labels = labelText(topicLabels(resourceId));
  }
}

/** Counts of one event subscription. */
export class SubscriptionSeries {
  readonly labels: string;
  matched = 0;
  delivered = 0;
  /** Events whose attempt failed because of the endpoint: status 5xx, or no response. */
  serverFailed = 0;
  readonly attemptFailures: Tally = new Tally();
  readonly deadLettered: Tally = new Tally();
  readonly dropped: Tally = new Tally();
  readonly processing: Histogram = new Histogram();

  /** @param subscriber the subscriber; by default, the series of all subscribers beyond the limit */
  constructor({ source, name }: Pick<Subscriber, "source" | "name"> = EVERYTHING) {
    const label = DOMAIN.test(source) ? "domain_event_subscription_name" : "event_subscription_name";
    this.labels = labelText({ ...topicLabels(source), [label]: name });
  }
}

/** Name of the series for all resources beyond the limit. */
const OTHER = "other";

const EVERYTHING = { source: OTHER, name: OTHER };

const DOMAIN = /\/Microsoft\.EventGrid\/domains\/[^/]+$/i;
const DOMAIN_TOPIC = /^(.*\/Microsoft\.EventGrid\/domains\/[^/]+)\/topics\/([^/]+)$/i;

/**
 * Returns the labels of a topic. As in Azure, metrics of a domain have the domain topic in `topic`; for other
 * topics `topic` is their name.
 */
function topicLabels(resourceId: string): Readonly<Record<string, string>> {
  const [, domain, topic = ""] = DOMAIN_TOPIC.exec(resourceId) ?? [];
  if (domain !== undefined) return { resource_id: domain, topic };
  return { resource_id: resourceId, topic: DOMAIN.test(resourceId) ? "" : resourceName(resourceId) };
}

/** Series by key, up to a maximum number. All further keys share one series. Removing a key frees its place. */
export class BoundedSeries<Series> {
  readonly #max: number;
  readonly #makeOther: () => Series;
  readonly #known = new Map<string, Series>();
  #other: Series | undefined;

  constructor(max: number, makeOther: () => Series) {
    this.#max = max;
    this.#makeOther = makeOther;
  }

  /** Returns the series of a key. Calls `make` if the key is new. */
  of(key: string, make: () => Series): Series {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= this.#max) return (this.#other ??= this.#makeOther());
    const created = make();
    this.#known.set(key, created);
    return created;
  }

  /** Returns every series with a key of its own. */
  entries(): IterableIterator<[key: string, series: Series]> {
    return this.#known.entries();
  }

  forget(key: string): void {
    this.#known.delete(key);
  }

  /** Returns all series, with the shared one last. */
  all(): Series[] {
    return this.#other === undefined ? [...this.#known.values()] : [...this.#known.values(), this.#other];
  }
}
