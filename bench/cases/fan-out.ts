import { eventsPerSecond, type Contender, type Sample } from "../measurement/contender.ts";
import type { Measurement } from "../measurement/measure.ts";
import type { FigureDefinition, Scenario } from "../measurement/scenario.ts";
import { median } from "../measurement/statistics.ts";
import type { Figure } from "../report/report.ts";
import { PRODUCT, startProduct, THIS_PROGRAM } from "../servers/product.ts";
import { caseOf, type Case } from "./case.ts";
import { configOf, publishTo, topic } from "./topics.ts";
import { underLoad } from "./under-load.ts";

/**
 * An app at an address without a listener. Functions need no handshake; a handshake for each subscription would be
 * too many.
 */
const FUNCTION_APP = { name: "nowhere", url: "http://127.0.0.1:9" };
const RESOURCE_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/nowhere/functions/f";
const DESTINATION = { endpointType: "AzureFunction", properties: { resourceId: RESOURCE_ID } };

type Filter = Readonly<Record<string, unknown>>;

const MICROSECONDS: FigureDefinition = { unit: "µs", value: (sample) => 1_000_000 / eventsPerSecond(sample) };

async function publisherAmong(program: string, count: number, filter?: (index: number) => Filter): Promise<Contender> {
  const subscriptions = Array.from({ length: count }, (_, index) => ({
    name: `subscription-${index}`,
    destination: DESTINATION,
    ...(filter === undefined ? {} : { filter: filter(index) }),
  }));
  const config = { ...configOf([topic("bench", subscriptions)]), functionApps: [FUNCTION_APP] };
  const product = await startProduct({ program, config });
  const load = publishTo(product.port, "bench", { eventType: "Bench.Wanted", subject: "/wanted/1" });
  return underLoad({ servers: [product], loads: [load] });
}

interface Among {
  readonly name: string;
  readonly count: number;
  /** Number of subscriptions in the baseline. */
  readonly few: number;
  readonly filter?: (index: number) => Filter;
  readonly target?: string;
}

/** Returns the scenario of e and f: one event to a topic with many subscriptions, compared with few. */
function publishAmong({ name, count, few, filter, target }: Among): Scenario {
  return {
    name,
    startProduct: (program) => publisherAmong(program, count, filter),
    baselines: [
      {
        name: `${few} subscription${few === 1 ? "" : "s"}`,
        process: PRODUCT,
        start: () => publisherAmong(THIS_PROGRAM, few, filter),
        ...(target === undefined ? {} : { target }),
      },
    ],
    figures: [MICROSECONDS],
  };
}

const FAN_OUT = [10, 100] as const;

/** e: cost of the tenth and hundredth subscription to one event, as a share of the cost of the first. */
export const fanOut: Case = caseOf(
  () => FAN_OUT.map((count) => publishAmong({ name: `e. one event to ${count} subscriptions`, count, few: 1 })),
  (measurements) => measurements.map((measurement, index) => furtherSubscriptions(measurement, FAN_OUT[index] ?? 0)),
);

function furtherSubscriptions({ product, baselines }: Measurement, count: number): Figure {
  const microseconds = (samples: readonly Sample[] = []): number => median(samples.map(MICROSECONDS.value));
  const one = microseconds(baselines[0]?.samples);
  const share = (microseconds(product.samples) - one) / (count - 1) / one;
  return {
    name: `e. each further of ${count}`,
    unit: "% of the first",
    product: { rounds: [share * 100] },
    target: "≤ 15 %",
  };
}

const WANTED = 5;
const FILTERS: Readonly<Record<string, (index: number) => Filter>> = {
  "event type": (index) => ({ includedEventTypes: [index < WANTED ? "Bench.Wanted" : `Bench.Other${index}`] }),
  "subject prefix": (index) => ({ subjectBeginsWith: index < WANTED ? "/wanted/" : `/other-${index}/` }),
  "advanced filter": (index) => ({
    advancedFilters: [
      { operatorType: "StringIn", key: "subject", values: [index < WANTED ? "/wanted/1" : `/other/${index}`] },
    ],
  }),
};

/** f: one event to more and more subscriptions, of which five match. */
export const routing: Case = caseOf(() =>
  Object.entries(FILTERS).flatMap(([kind, filter]) =>
    [1_000, 10_000, 100_000].map((count) =>
      publishAmong({
        name: `f. ${WANTED} of ${count.toLocaleString("en-US")} match, by ${kind}`,
        count,
        few: 10,
        filter,
        ...(count === 100_000 ? { target: "≤ 2.0" } : {}),
      }),
    ),
  ),
);
