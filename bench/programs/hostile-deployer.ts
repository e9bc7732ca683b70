/**
 * Deploys hostile templates with several concurrent clients, without pauses.
 *
 * Argument: the port of the product. Prints `ready`. A line with `seconds` starts it, and gets a reply at the end.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { numberIn, readLines, writeLine, type Line } from "./lines.ts";

const DEPLOYMENTS =
  "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/ringmain/providers/Microsoft.Resources/deployments";
const CLIENTS = 8;
/** Pause of a client that was asked to retry later; shorter than requested. */
const PAUSE_MS = 200;

const port = process.argv[2] ?? "";

const output = (value: unknown): object => ({ outputs: { it: { type: "array", value } } });

function modules(depth: number): object {
  if (depth === 0) return { resources: [] };
  const module = {
    type: "Microsoft.Resources/deployments",
    apiVersion: "2022-09-01",
    name: "[concat('m', copyIndex())]",
    copy: { name: "modules", count: 800 },
    properties: { template: modules(depth - 1) },
  };
  return { resources: [module] };
}

/**
 * Templates that took longest without a budget, and those that take longest with one: steps, memory, text, native
 * calls.
 */
const BODIES: readonly Buffer[] = [
  output("[map(range(0, 10000), lambda('x', union(range(0, 10000), range(0, 10000))))]"),
  modules(4),
  output(Array.from({ length: 1_300_000 }, () => [])),
  output(
    "[map(range(0, 10000), lambda('x', contains(padLeft('', 16000, 'a'), concat('ab', padLeft('', 8000, 'a')))))]",
  ),
  output("[map(range(0, 400), lambda('x', replace(padLeft('', 16000, 'a'), 'a', padLeft('', 250, 'b'))))]"),
].map((template) => Buffer.from(JSON.stringify({ properties: { mode: "Incremental", template } })));

async function deploy(client: number, until: number, statuses: Map<number, number>): Promise<void> {
  for (let count = client; performance.now() < until; count += 1) {
    const url = `http://127.0.0.1:${port}${DEPLOYMENTS}/d${client}-${count}?api-version=2021-04-01`;
    const headers = { authorization: "Bearer any", "content-type": "application/json" };
    const { status } = await fetch(url, { method: "PUT", headers, body: BODIES[count % BODIES.length] ?? "" });
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (status === 429) await sleep(PAUSE_MS);
  }
}

async function run(seconds: number): Promise<Line> {
  const statuses = new Map<number, number>();
  const until = performance.now() + seconds * 1_000;
  await Promise.all(Array.from({ length: CLIENTS }, (_, client) => deploy(client, until, statuses)));
  return { statuses: Object.fromEntries(statuses) };
}

readLines((line) => {
  void run(numberIn(line, "seconds")).then((result) => writeLine({ ...result, replyTo: line["replyTo"] }));
});
writeLine({ event: "ready" });
