import type { Case } from "./case.ts";
import { KEY, publishTo, runLoad, startProduct } from "./measure.ts";
import { median, type Figure } from "./report.ts";

/** Nothing listens there; and a function needs no handshake, of which there would be as many as subscriptions. */
const FUNCTION_APP = { name: "nowhere", url: "http://127.0.0.1:9" };

interface Subscription {
  readonly name: string;
  readonly filter?: Readonly<Record<string, unknown>>;
}

function configOf(subscriptions: readonly Subscription[]): unknown {
  const resourceId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/nowhere/functions/f";
  const destination = { endpointType: "AzureFunction", properties: { resourceId } };
  return {
    limits: "relaxed",
    delivery: { schedule: "azure" },
    functionApps: [FUNCTION_APP],
    topics: [
      {
        name: "bench",
        key1: KEY,
        subscriptions: subscriptions.map((subscription) => ({ ...subscription, destination })),
      },
    ],
  };
}

/** Microseconds that one published event costs, by the round. */
async function costs(subscriptions: readonly Subscription[], rounds: number, seconds: number): Promise<number[]> {
  const product = await startProduct({ config: configOf(subscriptions) });
  const load = publishTo(product.port, { events: 1, seconds, eventType: "Bench.Wanted", subject: "/wanted/1" });
  await runLoad({ ...load, seconds: 1 });
  const found: number[] = [];
  for (let round = 0; round < rounds; round += 1) found.push(1_000_000 / (await runLoad(load)).perSecond);
  await product.stop();
  return found;
}

const named = (count: number, filter?: (index: number) => Readonly<Record<string, unknown>>): Subscription[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `subscription-${index}`,
    ...(filter === undefined ? {} : { filter: filter(index) }),
  }));

/** e: what a second, a hundredth subscription to the same event costs, as a share of the first one. */
export const fanOut: Case = async ({ rounds, seconds }) => {
  const one = await costs(named(1), rounds, seconds);
  const figures: Figure[] = [{ name: "e. one event to 1 subscription", unit: "µs", product: one }];
  for (const count of [10, 100]) {
    const many = await costs(named(count), rounds, seconds);
    const extra = ((median(many) - median(one)) / (count - 1) / median(one)) * 100;
    figures.push(
      { name: `e. one event to ${count} subscriptions`, unit: "µs", product: many },
      { name: `e. each further of ${count}`, unit: "% of the first", product: [extra], target: "≤ 15 %" },
    );
  }
  return figures;
};

const WANTED = 5;
const KINDS: Readonly<Record<string, (index: number) => Readonly<Record<string, unknown>>>> = {
  "event type": (index) => ({ includedEventTypes: [index < WANTED ? "Bench.Wanted" : `Bench.Other${index}`] }),
  "subject prefix": (index) => ({ subjectBeginsWith: index < WANTED ? "/wanted/" : `/other-${index}/` }),
  "advanced filter": (index) => ({
    advancedFilters: [
      { operatorType: "StringIn", key: "subject", values: [index < WANTED ? "/wanted/1" : `/other/${index}`] },
    ],
  }),
};

/** f: one event among more and more subscriptions, of which five match. */
export const routing: Case = async ({ rounds, seconds }) => {
  const figures: Figure[] = [];
  for (const [kind, filter] of Object.entries(KINDS)) {
    const few = await costs(named(10, filter), rounds, seconds);
    figures.push({ name: `f. 5 of 10 match, by ${kind}`, unit: "µs", product: few });
    for (const count of [1_000, 10_000, 100_000]) {
      figures.push({
        name: `f. 5 of ${count.toLocaleString("en-US")} match, by ${kind}`,
        unit: "µs",
        product: await costs(named(count, filter), rounds, seconds),
        baseline: { name: "10 subscriptions", rounds: few },
        ...(count === 100_000 ? { target: "≤ 2.0" } : {}),
      });
    }
  }
  return figures;
};
