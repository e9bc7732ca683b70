import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { seededRandom, type SeededRandom } from "../support/fixtures/seeded-random.ts";
import { removeFolders } from "../support/servers/run-ringmain.ts";
import { openConnections, settledMiB } from "./attacked-process.ts";
import { startAttackedServer, type AttackedServer } from "./attacked-server.ts";
import { armSetup } from "./arm-requests.ts";
import { breakOff } from "./broken-connections.ts";
import { hostileTemplates } from "./hostile-templates.ts";
import { HttpClient, requestBytes, type RawRequest, type RawResponse } from "./http-client.ts";
import { managementRequests, type ManagementTarget } from "./management-requests.ts";
import { Neighbor } from "./neighbor.ts";
import { publishes } from "./publishes.ts";
import { functionRequests, storageRequests } from "./service-requests.ts";
import type { MakeRequest } from "./requests.ts";

const WANTED_SCALE = process.env["RINGMAIN_ATTACK_SCALE"];
/** A short run by default. `npm run test:attack` runs the complete attack. */
const SHORT = WANTED_SCALE === undefined;
const SCALE = Number(WANTED_SCALE ?? 0.03);
const SEED = Number(process.env["RINGMAIN_ATTACK_SEED"] ?? Date.now() % 1_000_000);
const PUBLISHES = 20_000;
const MANAGEMENT = 10_000;
const BROKEN = 2_000;
const TEMPLATES = 300;
const SERVICES = 2_000;
const CLIENTS = 8;
const BROKEN_AT_ONCE = 250;
const HANG_MS = 15_000;
/** Growth of resident memory, in MiB, that the garbage collector's timing explains. */
const FLAT_MIB = 64;
const SLOWEST_PUBLISH_MS = 5_000;
const STOP_MS = 5_000;

/** A request with an unacceptable response. */
interface Fault {
  readonly index: number;
  readonly problem: string;
  readonly request: string;
}

const scaled = (count: number): number => Math.ceil(count * SCALE);
const say = (line: string): void => void process.stdout.write(`attack: ${line}\n`);

/** Returns random choices for one request, so that it can be repeated without those before it. */
function randomOf(kind: string, index: number): SeededRandom {
  const digest = createHash("sha256").update(`${SEED} ${kind} ${index}`).digest();
  return seededRandom(digest.readUInt32LE());
}

/** Sends a number of requests, several at a time. Resolves with the failures. */
async function sendAll(kind: string, make: MakeRequest, count: number): Promise<Fault[]> {
  const faults: Fault[] = [];
  const statuses = new Map<number, number>();
  const startedAt = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    const client = new HttpClient(HANG_MS);
    while (next < count && faults.length < 20) {
      const index = (next += 1);
      const request = make(randomOf(kind, index));
      const problem = await client.send(request).then(
        (response) => {
          statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
          return faultOf(response);
        },
        (error: unknown) => String(error),
      );
      if (problem !== undefined) faults.push({ index, problem, request: shown(request) });
    }
    client.close();
  };
  await Promise.all(Array.from({ length: CLIENTS }, worker));
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  const counts = Array.from(statuses).toSorted(([one], [other]) => one - other);
  say(`${count} ${kind} in ${seconds} s: ${counts.map(([status, times]) => `${status}: ${times}`).join(", ")}`);
  return faults;
}

function faultOf({ status, text, headers }: RawResponse): string | undefined {
  if (status === 0) return "no response";
  // A deliberate response: Azure has this feature, and Ringmain does not.
  if (status === 501 && text.includes('"NotSupported"')) return undefined;
  // Azurite's own error, which Ringmain forwards.
  if ((headers["server"] ?? "").startsWith("Azurite")) return undefined;
  if (status >= 500) return `${status}: ${text.slice(0, 300)}`;
  return /\n\s+at .*[:(]/.test(text) ? `a stack trace: ${text.slice(0, 300)}` : undefined;
}

function shown(request: RawRequest): string {
  const text = requestBytes(request).toString("latin1");
  return text.length > 1_500 ? `${text.slice(0, 1_500)}… (${text.length} bytes)` : text;
}

async function breakAll({ listeners }: AttackedServer, count: number): Promise<unknown[]> {
  const left: unknown[] = [];
  const startedAt = performance.now();
  for (let start = 0; start < count; start += BROKEN_AT_ONCE) {
    const size = Math.min(BROKEN_AT_ONCE, count - start);
    const broken = Array.from({ length: size }, (_, index) => {
      const random = randomOf("broken connections", start + index);
      return breakOff(random.pick(listeners), random);
    });
    left.push(...(await Promise.all(broken)).filter((each) => each !== undefined));
  }
  say(`${count} broken connections in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  return left;
}

/** Recreates the attacked resources. Resolves with the failures. */
async function prepare({ port, authorization }: ManagementTarget): Promise<string[]> {
  const client = new HttpClient(HANG_MS);
  const problems: string[] = [];
  for (const { method, path, query, body } of armSetup()) {
    const { status, text } = await client.send({
      port,
      tls: false,
      method,
      target: `${path}?${new URLSearchParams(query).toString()}`,
      headers: [
        ["host", `127.0.0.1:${port}`],
        ["authorization", authorization],
        ["content-type", "application/json"],
      ],
      body: Buffer.from(body === undefined ? "" : JSON.stringify(body)),
    });
    // At first there is no group to delete.
    if (status >= 400 && status !== 404) problems.push(`${method} ${path}: ${status} ${text}`);
  }
  client.close();
  return problems;
}

/** Runs each kind of attack once. Resolves with the failures. */
async function attack(attacked: AttackedServer): Promise<unknown[]> {
  const { management, publishTargets, functionsPort, storagePort } = attacked;
  return [
    ...(await sendAll("publishes", publishes(publishTargets), scaled(PUBLISHES))),
    ...(await prepare(management)),
    ...(await sendAll("management requests", managementRequests(management), scaled(MANAGEMENT))),
    ...(await sendAll("function requests", functionRequests(functionsPort), scaled(SERVICES))),
    ...(await sendAll("storage requests", storageRequests(storagePort), scaled(SERVICES))),
    ...(await sendAll("templates", hostileTemplates(management), scaled(TEMPLATES))),
    ...(await breakAll(attacked, scaled(BROKEN))),
  ];
}

/** Repeats the attack. Resolves with the growth of memory. */
async function growthMiB(attacked: AttackedServer): Promise<number> {
  const before = await settledMiB(attacked.ringmain.pid);
  expect(await attack(attacked), `RINGMAIN_ATTACK_SEED=${SEED}`).toEqual([]);
  const growth = (await settledMiB(attacked.ringmain.pid)) - before;
  say(`${before.toFixed(0)} MiB, then ${growth.toFixed(0)} MiB more`);
  return growth;
}

/** Checks the server after an attack, and the results of the good publisher. */
async function expectUnharmed({ ringmain, receiver, ownPorts, stopReading }: AttackedServer, neighbor: Neighbor) {
  const { ids, failures, medianMs, slowestMs } = await neighbor.stop();
  stopReading();
  say(`beside it ${ids.length} events, median ${medianMs.toFixed(1)} ms, slowest ${slowestMs.toFixed(0)} ms`);
  expect(failures).toEqual([]);
  expect(ids.length).toBeGreaterThan(0);
  expect(slowestMs).toBeLessThan(SLOWEST_PUBLISH_MS);
  const delivered = (): Set<unknown> => new Set(receiver.events.map(({ id }) => id));
  await vi.waitUntil(() => ids.every((id) => delivered().has(id)), { timeout: 30_000, interval: 250 });
  await vi.waitUntil(() => openConnections(ringmain.pid, ownPorts) === 0, { timeout: 15_000, interval: 100 });
  expect(await Promise.race([ringmain.stop(), pause(STOP_MS, "still running")])).toBe(0);
  expect(ringmain.errors.join("")).toBe("");
  expect(ringmain.lines.filter(isDefect)).toEqual([]);
}

/** Returns whether a log line reports an internal failure of Ringmain. */
function isDefect(line: string): boolean {
  return line.includes('"request_failed"') && !line.includes('"not_supported"');
}

describe("hostile requests against every listener and route", { timeout: 3_600_000 }, () => {
  let server: AttackedServer | undefined;
  afterEach(async () => {
    await server?.ringmain.kill();
    await server?.receiver.stop();
  });
  afterAll(removeFolders);

  it("get no 5xx, no crash, no hang and no growth in dev mode", async () => {
    const attacked = await startAttackedServer("dev");
    server = attacked;
    const neighbor = new Neighbor(attacked.neighbor.endpoint, attacked.neighbor.key);
    expect(await attack(attacked), `RINGMAIN_ATTACK_SEED=${SEED}`).toEqual([]);
    // Not checked in the short form, which has too few requests: memory first grows to its working size.
    if (!SHORT) expect(await growthMiB(attacked)).toBeLessThan(FLAT_MIB);
    await expectUnharmed(attacked, neighbor);
  });

  it("get no 5xx, no crash and no hang in production mode", async () => {
    const attacked = await startAttackedServer("production");
    server = attacked;
    const neighbor = new Neighbor(attacked.neighbor.endpoint, attacked.neighbor.key);
    expect(await attack(attacked), `RINGMAIN_ATTACK_SEED=${SEED}`).toEqual([]);
    await expectUnharmed(attacked, neighbor);
  });
});
