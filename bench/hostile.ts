import type { Case } from "./case.ts";
import { deadEnd, publishTo, runLoad, startProduct, type LoadResult, type Product } from "./measure.ts";

const DEPLOYMENTS =
  "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/ringmain/providers/Microsoft.Resources/deployments";
/** Clients that deploy, each without a pause. */
const DEPLOYERS = 8;
/** Publish requests a second: the server is far from busy with them. */
const RATE = 200;

const output = (value: unknown): unknown => ({ outputs: { it: { type: "array", value } } });
const modules = (depth: number): unknown => ({
  resources:
    depth === 0
      ? []
      : [
          {
            type: "Microsoft.Resources/deployments",
            apiVersion: "2022-09-01",
            name: "[concat('m', copyIndex())]",
            copy: { name: "modules", count: 800 },
            properties: { template: modules(depth - 1) },
          },
        ],
});

/** What took the server longest, before there was a budget or since: time, memory, large requests, long calls. */
const TEMPLATES: readonly unknown[] = [
  output("[map(range(0, 10000), lambda('x', union(range(0, 10000), range(0, 10000))))]"),
  modules(4),
  output(Array.from({ length: 1_300_000 }, () => [])),
  output(
    "[map(range(0, 10000), lambda('x', contains(padLeft('', 16000, 'a'), concat('aaaaab', padLeft('', 8000, 'a')))))]",
  ),
  output("[map(range(0, 400), lambda('x', replace(padLeft('', 16000, 'a'), 'a', padLeft('', 250, 'b'))))]"),
];

/** Deploys hostile templates until it is told to stop; returns how many requests were answered, by status. */
function attack({ port }: Product): () => Promise<ReadonlyMap<number, number>> {
  const bodies = TEMPLATES.map((template) =>
    Buffer.from(JSON.stringify({ properties: { mode: "Incremental", template } })),
  );
  const statuses = new Map<number, number>();
  const over = new AbortController();
  const deploy = async (client: number): Promise<void> => {
    for (let request = client; !over.signal.aborted; request += 1) {
      const { status } = await fetch(
        `http://127.0.0.1:${port}${DEPLOYMENTS}/d${client}-${request}?api-version=2021-04-01`,
        {
          method: "PUT",
          headers: { authorization: "Bearer any", "content-type": "application/json" },
          body: bodies[request % bodies.length] ?? "",
        },
      );
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      // As any client of Azure's does, and then some.
      if (status === 429) await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const clients = Array.from({ length: DEPLOYERS }, (_, client) => deploy(client));
  return async () => {
    over.abort();
    await Promise.all(clients);
    return statuses;
  };
}

/** Publishing while hostile templates are deployed, against the same server with nothing else to do. */
export const hostile: Case = async ({ rounds, seconds }) => {
  const product = await startProduct({ config: deadEnd() });
  const load = publishTo(product.port, { rate: RATE, seconds, connections: 16 });
  await runLoad({ ...load, seconds: 2 });
  const idle: LoadResult[] = [];
  const attacked: LoadResult[] = [];
  let resident = 0;
  for (let round = 0; round < rounds; round += 1) {
    idle.push(await runLoad(load));
    const stop = attack(product);
    attacked.push(await runLoad(load));
    resident = Math.max(resident, await product.residentMiB());
    process.stderr.write(`  answers to deployments: ${JSON.stringify(Object.fromEntries(await stop()))}\n`);
  }
  await product.stop();
  const figure = (of: keyof LoadResult, name: string, target?: string): Awaited<ReturnType<Case>>[number] => ({
    name: `hostile templates: publishing, ${name}`,
    unit: "ms",
    product: attacked.map((result) => result[of]),
    baseline: { name: "idle", rounds: idle.map((result) => result[of]) },
    ...(target === undefined ? {} : { target }),
  });
  return [
    figure("p50Ms", "median", "≤ 2.00 of idle"),
    figure("p99Ms", "p99"),
    figure("maxMs", "longest", "≤ 250 ms"),
    { name: "hostile templates: resident memory", unit: "MiB", product: [resident] },
  ];
};
