import { resourceName } from "../../core/resources/resource-id.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import { Histogram } from "./histogram.ts";
import { labelText } from "./exposition.ts";

/** A count for each value of one more dimension. */
export class Tally {
  readonly #counts = new Map<string, number>();

  /** @param labels as `labelText` makes them; one of few */
  add(labels: string, count: number): void {
    this.#counts.set(labels, (this.#counts.get(labels) ?? 0) + count);
  }

  entries(): IterableIterator<[labels: string, count: number]> {
    return this.#counts.entries();
  }
}

/** What is counted of one topic, or of one source of system events. */
export class TopicSeries {
  readonly labels: string;
  published = 0;
  unmatched = 0;
  readonly publishFailures: Tally = new Tally();
  readonly publishLatency: Histogram = new Histogram();

  /** @param resourceId what it is of; that of everything beyond the bound unless given */
  constructor(resourceId: string = OTHER) {
    this.labels = labelText(topicLabels(resourceId));
  }
}

/** What is counted of one event subscription. */
export class SubscriptionSeries {
  readonly labels: string;
  matched = 0;
  delivered = 0;
  /** Events whose attempt failed by the endpoint's fault: 5xx, or no answer. */
  serverFailed = 0;
  readonly attemptFailures: Tally = new Tally();
  readonly deadLettered: Tally = new Tally();
  readonly dropped: Tally = new Tally();
  readonly processing: Histogram = new Histogram();

  /** @param subscriber whose events it counts; those of everything beyond the bound unless given */
  constructor({ source, name }: Pick<Subscriber, "source" | "name"> = EVERYTHING) {
    const label = DOMAIN.test(source) ? "domain_event_subscription_name" : "event_subscription_name";
    this.labels = labelText({ ...topicLabels(source), [label]: name });
  }
}

/** What is counted of everything beyond the bound. */
const OTHER = "other";

const EVERYTHING = { source: OTHER, name: OTHER };

const DOMAIN = /\/Microsoft\.EventGrid\/domains\/[^/]+$/i;
const DOMAIN_TOPIC = /^(.*\/Microsoft\.EventGrid\/domains\/[^/]+)\/topics\/([^/]+)$/i;

/** Azure's metrics are of a domain, and `Topic` is the topic within it; other topics go by their own name. */
function topicLabels(resourceId: string): Readonly<Record<string, string>> {
  const [, domain, topic = ""] = DOMAIN_TOPIC.exec(resourceId) ?? [];
  if (domain !== undefined) return { resource_id: domain, topic };
  return { resource_id: resourceId, topic: DOMAIN.test(resourceId) ? "" : resourceName(resourceId) };
}

/**
 * Series by key, up to a number of them; what comes beyond shares one. A key that is forgotten makes room.
 */
export class BoundedSeries<Series> {
  readonly #max: number;
  readonly #makeOther: () => Series;
  readonly #known = new Map<string, Series>();
  #other: Series | undefined;

  constructor(max: number, makeOther: () => Series) {
    this.#max = max;
    this.#makeOther = makeOther;
  }

  /** The series of a key; `make` is asked when it is the key's first. */
  of(key: string, make: () => Series): Series {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= this.#max) return (this.#other ??= this.#makeOther());
    const made = make();
    this.#known.set(key, made);
    return made;
  }

  /** Every series with a key of its own. */
  entries(): IterableIterator<[key: string, series: Series]> {
    return this.#known.entries();
  }

  forget(key: string): void {
    this.#known.delete(key);
  }

  /** Every series there is, the shared one last. */
  all(): Series[] {
    return this.#other === undefined ? [...this.#known.values()] : [...this.#known.values(), this.#other];
  }
}
