import { array, assert, boolean, constantFrom, nat, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { startRouter, uidsOf } from "../../../test/support/filters/start-router.ts";
import { desiredDomain, desiredSubscription } from "../../../test/support/fixtures/desired-resources.ts";
import { makeEvent } from "../../../test/support/fixtures/make-event.ts";
import { domainTopicId } from "../../core/resources/resource-id.ts";
import type { EventSubscriptionResource, Resource } from "../../core/resources/resources.ts";
import { SILENT_LOGGER } from "../../ports/logger.ts";

const domain: Resource = { ...desiredDomain(), uid: "domain", keys: { key1: "", key2: "" } };
const topicOf = (index: number): string => domainTopicId(domain.id, `topic-${index}`);
const TOPICS = 4;

interface Listener {
  /** Index of a topic; `TOPICS` means the domain itself. */
  readonly to: number;
  readonly begins: string;
  readonly deleted: boolean;
}

function subscriptionOf({ to, begins }: Listener, index: number): EventSubscriptionResource {
  const source = to === TOPICS ? domain.id : topicOf(to);
  const desired = desiredSubscription(`listener-${index}`, { filter: { subjectBeginsWith: begins } }, source);
  return { ...desired, uid: `uid-${index}`, properties: { ...desired.properties, provisioningState: "Succeeded" } };
}

describe("the router", () => {
  it("[EG-DOMAIN-SCOPE] routes the events of a domain like a simple implementation of the rules", () => {
    const subject = constantFrom("", "a", "A", "ab", "b", "abc");
    const listener = record({ to: nat(TOPICS), begins: subject, deleted: boolean() });
    const published = record({ topic: nat(TOPICS), subject, upper: boolean() });
    let matched = 0;
    const agrees = property(array(listener, { maxLength: 40 }), array(published, { maxLength: 20 }), (all, events) => {
      const routed = startRouter();
      routed.put(domain);
      const subscriptions = all.map(subscriptionOf);
      for (const resource of subscriptions) routed.put(resource);
      // Half of the changes follow the compilation of the tables.
      for (const { topic } of events.slice(0, 2)) {
        uidsOf(routed, domain.id, makeEvent({ topic: topicOf(topic) }));
      }
      for (const [index, { deleted }] of all.entries()) {
        if (deleted) routed.directory.apply({ id: subscriptions[index]?.id ?? "", after: undefined });
      }
      for (const event of events) {
        const topic = event.upper ? topicOf(event.topic).toUpperCase() : topicOf(event.topic);
        const found = uidsOf(routed, domain.id, makeEvent({ topic, subject: event.subject }));
        const expected = all.flatMap(({ to, begins, deleted }, index) => {
          const listens = !deleted && (to === TOPICS || to === event.topic);
          return listens && event.subject.toLowerCase().startsWith(begins.toLowerCase()) ? [`uid-${index}`] : [];
        });
        matched += expected.length;
        expect(found).toEqual(expected.toSorted());
      }
    });
    assert(agrees, { numRuns: 300 });
    expect(matched).toBeGreaterThan(300);
  }, 30_000);

  it("[EG-FILTER-BROKEN] logs the filters that do not compile, once for each table", () => {
    const logged: unknown[] = [];
    const logger = { ...SILENT_LOGGER, error: (event: string, fields?: object) => logged.push({ event, ...fields }) };
    const routed = startRouter({ logger });
    const sound = subscriptionOf({ to: TOPICS, begins: "", deleted: false }, 1);
    const filter = { advancedFilters: [{ operatorType: "Nonsense", key: "data.a" }] } as never;
    const broken = { ...sound, properties: { ...sound.properties, filter } };
    routed.put(broken);
    for (let count = 0; count < 3; count += 1) expect(uidsOf(routed, domain.id, makeEvent())).toEqual([]);
    expect(logged).toEqual([
      { event: "filter_broken", subscription: broken.id, problems: [expect.stringContaining("Nonsense")] },
    ]);
  });
});
