import type { Contender } from "../measurement/contender.ts";
import type { Scenario } from "../measurement/scenario.ts";
import { EVENTS_PER_SECOND } from "../report/report.ts";
import { startPublishBaseline } from "../servers/baselines.ts";
import { PRODUCT, startProduct, THIS_PROGRAM } from "../servers/product.ts";
import type { Server } from "../servers/server.ts";
import { caseOf, type Case } from "./case.ts";
import { configOf, DEAD_ENDPOINT, publishTo, webhookTopic } from "./topics.ts";
import { underLoad } from "./under-load.ts";

const CONNECTIONS = 64;

/** Returns a contender of several independent servers, each with its share of the connections. */
async function together(count: number, events: number, start: () => Promise<Server>): Promise<Contender> {
  const servers: Server[] = [];
  for (let index = 0; index < count; index += 1) servers.push(await start());
  const options = { events, connections: CONNECTIONS / count };
  return underLoad({ servers, loads: servers.map(({ port }) => publishTo(port, "bench", options)) });
}

function startOne(program: string): Promise<Server> {
  return startProduct({ program, config: configOf([webhookTopic("bench", DEAD_ENDPOINT)]) });
}

function scenariosOf(events: number): Scenario[] {
  const load = `${events} event${events === 1 ? "" : "s"} a request`;
  const startBare = (): Promise<Server> => startPublishBaseline("bare");
  const common = { figures: [EVENTS_PER_SECOND] };
  return [
    {
      ...common,
      name: `two processes that share nothing, ${load}`,
      startProduct: (program) => together(2, events, () => startOne(program)),
      baselines: [
        {
          name: "one process",
          process: PRODUCT,
          start: () => together(1, events, () => startOne(THIS_PROGRAM)),
        },
      ],
    },
    {
      ...common,
      name: `two bare servers, ${load}`,
      process: "bare",
      startProduct: () => together(2, events, startBare),
      baselines: [{ name: "one process", process: "bare", start: () => together(1, events, startBare) }],
    },
  ];
}

/**
 * Upper bound of the benefit of a second process for publishing on this machine: two products that share nothing, not
 * even a store, each with half the connections, compared with one that has all of them; and the same for *bare*.
 */
export const processes: Case = { run: caseOf(() => [1, 100].flatMap(scenariosOf)).run };
