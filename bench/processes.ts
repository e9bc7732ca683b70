import type { Case } from "./case.ts";
import { deadEnd, publishTo, runLoad, startBaseline, startProduct } from "./measure.ts";
import type { Figure } from "./report.ts";

const CONNECTIONS = 64;

/** Events a second that processes take together, each from its share of the connections. */
async function together(ports: readonly number[], events: number, seconds: number): Promise<number> {
  const connections = CONNECTIONS / ports.length;
  const results = await Promise.all(ports.map((port) => runLoad(publishTo(port, { events, seconds, connections }))));
  return results.reduce((sum, result) => sum + result.events / result.seconds, 0);
}

/** One process against two, in turn. */
async function compare(
  name: string,
  ports: readonly number[],
  events: number,
  { rounds, seconds }: Parameters<Case>[0],
): Promise<Figure> {
  const [first = 0] = ports;
  const one: number[] = [];
  const two: number[] = [];
  await together(ports, events, 1);
  for (let round = 0; round < rounds; round += 1) {
    one.push(await together([first], events, seconds));
    two.push(await together(ports, events, seconds));
  }
  return { name, unit: "events/s", product: two, baseline: { name: "one process", rounds: one } };
}

/**
 * What a second process could bring to publishing on this machine, at most: two products that share nothing, not even
 * a store, each with half the connections, against one with all of them; and the same of *bare*.
 */
export const processes: Case = async (effort) => {
  const figures: Figure[] = [];
  for (const events of [1, 100]) {
    const of = `${events} ${events === 1 ? "event" : "events"} a request`;
    const products = [await startProduct({ config: deadEnd() }), await startProduct({ config: deadEnd() })];
    const ports = products.map(({ port }) => port);
    figures.push(await compare(`two processes that share nothing, ${of}`, ports, events, effort));
    await Promise.all(products.map((product) => product.stop()));
    const bare = [await startBaseline("bare"), await startBaseline("bare")];
    const barePorts = bare.map(({ ready }) => Number(ready["port"]));
    figures.push(await compare(`two bare servers, ${of}`, barePorts, events, effort));
    await Promise.all(bare.map((server) => server.stop()));
  }
  return figures;
};
