import { assert, asyncProperty, nat } from "fast-check";
import { describe, expect, it } from "vitest";
import { plainVerdicts } from "../../../test/support/filters/plain-rules.ts";
import { RandomFilters } from "../../../test/support/filters/random-filters.ts";
import { routingAt, startRouter, uidsOf } from "../../../test/support/filters/start-router.ts";
import { desiredDomain, desiredSubscription } from "../../../test/support/fixtures/desired-resources.ts";
import { makeEvent } from "../../../test/support/fixtures/make-event.ts";
import type { PublishedEvent } from "../../core/event.ts";
import type { JsonValue } from "../../core/json.ts";
import { domainTopicId, partnerTopicId } from "../../core/resources/resource-id.ts";
import type {
  EventSubscriptionResource,
  FilterDescription,
  HandshakeState,
  PartnerTopicResource,
  Resource,
} from "../../core/resources/resources.ts";
import { formatTime, type EpochMs } from "../../core/time.ts";

const domain: Resource = { ...desiredDomain(), uid: "domain", keys: { key1: "", key2: "" } };
const topicOf = (index: number): string => domainTopicId(domain.id, `topic-${index}`);
const NOW: EpochMs = Date.UTC(2030, 0, 1);
const HANDSHAKES = ["validated", "pending", "failed", "awaiting-manual-action"] as const;

function handshake(status: HandshakeState["status"]): HandshakeState {
  return { status, endpoint: "http://a", validationCode: "code", expiresAt: formatTime(NOW), detail: "" };
}

function partnerTopic(activationState: PartnerTopicResource["properties"]["activationState"]): PartnerTopicResource {
  return {
    id: partnerTopicId("partner"),
    name: "partner",
    type: "Microsoft.EventGrid/partnerTopics",
    uid: "partner",
    location: "local",
    properties: { partnerRegistrationImmutableId: "r", source: "s", activationState },
  };
}

function subscriptionTo(
  source: string,
  uid: string,
  properties: Partial<EventSubscriptionResource["properties"]>,
): EventSubscriptionResource {
  const desired = desiredSubscription(uid, {}, source);
  return {
    ...desired,
    uid,
    properties: { ...desired.properties, provisioningState: "Succeeded", ...properties },
  };
}

/** Returns a subscription with a random filter, sometimes expired, sometimes without consent. */
function randomSubscription(random: RandomFilters, source: string, uid: string): EventSubscriptionResource {
  const filter = random.filter();
  return subscriptionTo(source, uid, {
    filter,
    ...(random.chance(0.3) && { expirationTimeUtc: formatTime(NOW + random.pick([-1, 0, 1])) }),
    ...(random.chance(0.3) && { handshake: handshake(random.pick(HANDSHAKES)) }),
  });
}

/** Represents a missing value, which differs from `null`. */
const ABSENT: JsonValue = { absent: true };

/** Field of a condition, whether it holds, and the value as it is shown. */
type Verdict = readonly [field: string, matched: boolean, found: JsonValue];

/** Returns the results of a simple implementation of the rules. */
function plainly(
  { properties }: EventSubscriptionResource,
  event: PublishedEvent,
  enforceHandshake: boolean,
  source: Resource,
): readonly Verdict[] {
  const { filter, expirationTimeUtc, handshake: shaken } = properties;
  const verdicts: Verdict[] = [];
  for (const { field, found, matched } of plainVerdicts(filter, event))
    verdicts.push([field, matched, found === undefined ? ABSENT : shown(found)]);
  if (expirationTimeUtc !== undefined) {
    verdicts.push(["expirationTimeUtc", expirationTimeUtc > formatTime(NOW), formatTime(NOW)]);
  }
  if (shaken !== undefined && enforceHandshake) {
    verdicts.push(["handshake", shaken.status === "validated", shaken.status]);
  }
  if (source.type === "Microsoft.EventGrid/partnerTopics") {
    const { activationState } = source.properties;
    verdicts.push(["activationState", activationState === "Activated", activationState]);
  }
  return verdicts;
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : 1;
}

/** Returns small values as they are shown, without values that are nested twice. */
function shown(value: JsonValue): JsonValue {
  const flat = (inner: JsonValue | undefined): JsonValue => {
    if (typeof inner !== "object" || inner === null) return inner ?? null;
    return Array.isArray(inner) ? "[…]" : "{…}";
  };
  if (Array.isArray(value)) return value.map(flat);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, flat(inner)]));
}

describe("the router's explanation compared with a simple implementation of the rules", () => {
  it("[EG-FILTER-ALL] [EG-DOMAIN-SCOPE] [EG-PARTNER-ACTIVATION] agrees with routing, condition by condition", async () => {
    let [matched, unmatched] = [0, 0];
    const agrees = asyncProperty(nat(0x7fff_ffff), async (seed) => {
      const random = new RandomFilters(seed);
      const enforceHandshake = random.chance(0.5);
      const routed = startRouter({ enforceHandshake });
      const schema = random.pick(["EventGridSchema", "CloudEventSchemaV1_0", "CustomEventSchema"] as const);
      const source = random.chance(0.7) ? domain : partnerTopic(random.pick(["Activated", "NeverActivated"]));
      routed.put(source);
      const subscribed = Array.from({ length: random.pick([3, 9, 60]) }, (_unused, index) => {
        const to = source === domain ? random.pick([domain.id, topicOf(0), topicOf(1)]) : source.id;
        return randomSubscription(random, to, `uid-${index}`);
      });
      for (const resource of subscribed) routed.put(resource);
      for (let round = 0; round < 20; round += 1) {
        const generated = random.event(schema);
        const topic = source === domain ? random.pick([domain.id, topicOf(0), topicOf(1)]) : source.id;
        const event = { ...generated, envelope: { ...generated.envelope, topic } };
        const explained = await routed.router.explain(source.id, event, routingAt(NOW));
        const found = explained.map(({ name, matched: isMatched, conditions }) => ({
          name,
          matched: isMatched,
          verdicts: conditions.map(({ field, matched: holds, found: value }): Verdict => [
            field,
            holds,
            value === undefined ? ABSENT : value,
          ]),
        }));
        const expected = subscribed
          .filter(({ properties }) => properties.topic === source.id || properties.topic === topic)
          .map((subscription) => {
            const verdicts = plainly(subscription, event, enforceHandshake, source);
            return { name: subscription.name, matched: verdicts.every((verdict) => verdict[1]), verdicts };
          });
        // Comparing texts is fast. Only if they differ, the values must be compared one by one.
        if (JSON.stringify(found.toSorted(byName)) !== JSON.stringify(expected.toSorted(byName))) {
          expect(found.toSorted(byName)).toEqual(expected.toSorted(byName));
        }
        const matching = explained.filter((each) => each.matched).map(({ name }) => name);
        expect(uidsOf(routed, source.id, event, NOW)).toEqual(matching.toSorted());
        matched += matching.length;
        unmatched += explained.length - matching.length;
        // Half of the rounds follow a change of the compiled tables.
        if (round % 2 === 0) {
          const index = Math.floor(random.next() * subscribed.length);
          const to = subscribed[index]?.properties.topic ?? source.id;
          const changed = randomSubscription(random, to, `uid-${index}`);
          subscribed[index] = changed;
          routed.put(changed);
        }
      }
    });
    await assert(agrees, { numRuns: 100, endOnFailure: true });
    // Subscriptions that never match, or always do, would prove nothing.
    expect(matched).toBeGreaterThan(2_000);
    expect(unmatched).toBeGreaterThan(2_000);
  }, 60_000);
});

describe("an explanation", () => {
  const explainOne = async (
    properties: Partial<EventSubscriptionResource["properties"]>,
    event: PublishedEvent,
    enforceHandshake = false,
  ) => {
    const routed = startRouter({ enforceHandshake });
    routed.put(domain);
    routed.put(subscriptionTo(domain.id, "billing", properties));
    const [explained] = await routed.router.explain(domain.id, event, routingAt(NOW));
    return explained;
  };

  it("has the expected and the actual value of each condition", async () => {
    const filter: FilterDescription = {
      includedEventTypes: ["Order.Placed"],
      subjectBeginsWith: "/Shop/",
      isSubjectCaseSensitive: true,
      advancedFilters: [
        { operatorType: "NumberGreaterThan", key: "data.total", value: 100 },
        { operatorType: "StringNotIn", key: "data.country", values: ["DE", "FR"] },
        { operatorType: "IsNotNull", key: "data.customer" },
      ],
    };
    const event = makeEvent({ topic: domain.id, subject: "/shop/1", data: { total: 12, country: "de" } });
    const explained = await explainOne({ filter, expirationTimeUtc: formatTime(NOW + 1) }, event);
    expect(explained).toEqual({
      id: `${domain.id}/providers/Microsoft.EventGrid/eventSubscriptions/billing`,
      name: "billing",
      matched: false,
      held: false,
      conditions: [
        {
          field: "includedEventTypes",
          key: "eventType",
          operator: "StringIn",
          expected: ["Order.Placed"],
          found: "Order.Placed",
          matched: true,
        },
        {
          field: "subjectBeginsWith",
          key: "subject",
          operator: "StringBeginsWith",
          expected: "/Shop/",
          caseSensitive: true,
          found: "/shop/1",
          matched: false,
        },
        {
          field: "advancedFilters[0]",
          key: "data.total",
          operator: "NumberGreaterThan",
          expected: 100,
          found: 12,
          matched: false,
        },
        {
          field: "advancedFilters[1]",
          key: "data.country",
          operator: "StringNotIn",
          expected: ["DE", "FR"],
          found: "de",
          matched: false,
        },
        { field: "advancedFilters[2]", key: "data.customer", operator: "IsNotNull", matched: false },
        {
          field: "expirationTimeUtc",
          key: "now",
          operator: "Before",
          expected: formatTime(NOW + 1),
          found: formatTime(NOW),
          matched: true,
        },
      ],
    });
  });

  it("[EG-FILTER-BROKEN] names the problems of a filter that does not compile", async () => {
    const filter = { advancedFilters: [{ operatorType: "Nonsense", key: "data.a" }] } as never;
    expect(await explainOne({ filter }, makeEvent({ topic: domain.id }))).toMatchObject({
      matched: false,
      conditions: [],
      problems: [{ field: "advancedFilters[0].operatorType", message: expect.stringContaining("Nonsense") }],
    });
  });

  it.each([
    [false, "pending", { matched: true, held: true }],
    [false, "failed", { matched: true, held: false }],
    [true, "pending", { matched: false, held: true }],
    [true, "validated", { matched: true, held: false }],
  ] as const)(
    "[EG-HANDSHAKE-STATES] shows whether a handshake (enforced: %s, %s) holds deliveries",
    async (enforced, status, expected) => {
      const explained = await explainOne({ handshake: handshake(status) }, makeEvent({ topic: domain.id }), enforced);
      expect(explained).toMatchObject(expected);
    },
  );

  it("has an excerpt of a large value", async () => {
    const filter: FilterDescription = { advancedFilters: [{ operatorType: "IsNotNull", key: "data.note" }] };
    const event = makeEvent({ topic: domain.id, data: { note: "x".repeat(1_000_000) } });
    const explained = await explainOne({ filter }, event);
    expect(explained?.conditions).toMatchObject([{ found: `${"x".repeat(256)}…`, matched: true }]);
  });

  it("pauses if it takes long", async () => {
    const routed = startRouter();
    routed.put(domain);
    const advancedFilters = [{ operatorType: "StringContains", key: "data.text", values: ["needle"] }] as const;
    for (let index = 0; index < 100; index += 1) {
      routed.put(subscriptionTo(domain.id, `uid-${index}`, { filter: { advancedFilters } }));
    }
    const event = makeEvent({ topic: domain.id, data: { text: "x".repeat(1_000_000) } });
    let turns = 0;
    const count = setInterval(() => (turns += 1), 0);
    const explained = await routed.router.explain(domain.id, event, routingAt(NOW));
    clearInterval(count);
    expect(explained).toHaveLength(100);
    // 100 filters of 1 MB each are more than 10 slices of 8 MB; timers run in each pause.
    expect(turns).toBeGreaterThan(3);
  });

  it("counts no filter evaluations", async () => {
    const routed = startRouter();
    routed.put(domain);
    const filter: FilterDescription = { advancedFilters: [{ operatorType: "IsNotNull", key: "subject" }] };
    routed.put(subscriptionTo(domain.id, "uid", { filter }));
    const event = makeEvent({ topic: domain.id });
    await routed.router.explain(domain.id, event, routingAt(NOW));
    expect(routed.router.filterEvaluations("uid")).toBe(0);
    expect(uidsOf(routed, domain.id, event, NOW)).toEqual(["uid"]);
    expect(routed.router.filterEvaluations("uid")).toBe(1);
  });
});
