import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Receiver, type ReceivedRequest } from "../support/servers/receiver.ts";
import { removeFolders, runRingmain, temporaryFolder, type RunningRingmain } from "../support/servers/run-ringmain.ts";
import { seededRandom, type SeededRandom } from "../support/fixtures/seeded-random.ts";
import { Publishers, topicKey } from "./publisher.ts";

const ROUNDS = Number(process.env["RINGMAIN_CRASH_ROUNDS"] ?? 50);
const SEED = Number(process.env["RINGMAIN_CRASH_SEED"] ?? Date.now() % 100_000);
/**
 * Number of kills while the last deliveries drain. In a short run, events with a time to live of a minute are still
 * waiting then.
 */
const DRAIN_KILLS = 3;
/** More than the waiting deliveries ever need. */
const MAX_FILE_BYTES = 60_000_000;
const LARGE_DATA = "x".repeat(100_000);

/** Parts of the configuration that change in every round. */
interface Variant {
  readonly attempts: number;
  /** Whether the subscription `LATE` exists. It stays from then on. */
  readonly late: boolean;
  /** Whether the temporary subscription exists. */
  readonly passing: boolean;
}

/**
 * Returns a configuration. `data` keeps its dead letters over restarts; the configuration file is elsewhere each time.
 */
function configuration(url: string, data: string, { attempts, late, passing }: Variant): object {
  const subscription = (name: string, more: object = {}, properties: object = {}): object => ({
    name,
    destination: { endpointType: "WebHook", properties: { endpointUrl: url, ...properties } },
    ...more,
  });
  const deadLetterDestination = { endpointType: "Folder", properties: { path: join(data, "dead-letters") } };
  const orders = [
    subscription("one", { retryPolicy: { maxDeliveryAttempts: attempts } }),
    subscription("batched", {}, { maxEventsPerBatch: 10 }),
    ...(late ? [subscription("late")] : []),
    ...(passing ? [subscription("passing")] : []),
  ];
  const brief = { deadLetterDestination, retryPolicy: { eventTimeToLiveInMinutes: 1 } };
  return {
    limits: "relaxed",
    delivery: { deadLetterDelaySeconds: 0 },
    topics: [
      { name: "orders", key1: topicKey, subscriptions: orders },
      { name: "failing", key1: topicKey, subscriptions: [subscription("refused", { deadLetterDestination })] },
      { name: "brief", key1: topicKey, subscriptions: [subscription("expiring", brief)] },
    ],
  };
}

/** Subscribers with different responses, which record the events that they accepted as `SUBSCRIPTION id`. */
class Subscribers {
  readonly delivered = new Set<string>();
  readonly requests = new Map<string, number>();
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  answer({ headers, body }: ReceivedRequest): number {
    const name = String(headers["aeg-subscription-name"]);
    this.requests.set(name, (this.requests.get(name) ?? 0) + 1);
    if (name === "REFUSED") return 400;
    // Retried after half a minute, and given up when the second retry is due.
    if (name === "EXPIRING") return 503;
    // Some first attempts fail, so that releases and retries are interrupted, too.
    if (headers["aeg-delivery-count"] === "0" && this.#random.next() < 0.2) return 500;
    for (const { id } of body as { id: string }[]) this.delivered.add(`${name} ${id}`);
    return 200;
  }
}

/** Returns all ids in the dead letters of a subscription. */
async function deadLetters(data: string, subscription: string): Promise<Set<string>> {
  const folder = join(data, "dead-letters", subscription);
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  const batches = await Promise.all(
    files
      .filter((file) => file.endsWith(".json"))
      .map(async (file) => JSON.parse(await readFile(join(folder, file), "utf8")) as { id: string }[]),
  );
  return new Set(batches.flat().map(({ id }) => id));
}

function isOf(topic: string): (id: string) => boolean {
  return (id) => id.startsWith(topic);
}

describe("kill -9 while publishing, delivering, settling, changing resources and giving up", () => {
  afterAll(removeFolders);

  it(`loses no acknowledged event in ${ROUNDS} rounds`, { timeout: 200_000 + ROUNDS * 3_000 }, async () => {
    process.stdout.write(`kill -9: ${ROUNDS} rounds, RINGMAIN_CRASH_SEED=${SEED}\n`);
    const random = seededRandom(SEED);
    const receiver = await Receiver.start();
    const subscribers = new Subscribers(random);
    receiver.answer = (request) => subscribers.answer(request);
    const data = await temporaryFolder();
    const publishers = new Publishers();
    const expectedLate: string[] = [];
    let largest = 0;
    let variant: Variant = { attempts: 30, late: false, passing: false };
    for (let round = 0; round < ROUNDS; round += 1) {
      const ringmain = await runRingmain({ config: configuration(receiver.url, data, variant), data });
      const before = new Set(publishers.acknowledged);
      const { late } = variant;
      const briefly = round < Math.max(ROUNDS / 2, ROUNDS - 100);
      const reloads = random.next() < 0.3;
      if (reloads) {
        variant = {
          attempts: 29 + (round % 2),
          late: round >= ROUNDS / 3,
          passing: !variant.passing,
        };
        await writeFile(ringmain.configFile, JSON.stringify(configuration(receiver.url, data, variant)));
      }
      const enough = killMoment(random, ringmain, publishers, subscribers, reloads);
      let killed: Promise<void> | undefined;
      await publishers.run(ringmain, {
        topics: ["orders", "failing", "orders", ...(briefly ? ["brief"] : [])],
        // Sometimes so much data that the log is copied into the data file.
        ...(random.next() < 0.25 && { data: LARGE_DATA }),
        connections: 8,
        enough: () => {
          if (killed === undefined && enough()) killed = ringmain.kill();
          return killed !== undefined;
        },
      });
      await killed;
      if (late) expectedLate.push(...[...publishers.acknowledged].filter((id) => !before.has(id)));
      largest = Math.max(largest, (await stat(join(data, "data.mdb"))).size);
      expect(publishers.refused, `seed ${SEED}, round ${round}`).toEqual([]);
    }
    expect(publishers.acknowledged.size, `seed ${SEED}`).toBeGreaterThan(ROUNDS);
    expect(largest, `seed ${SEED}`).toBeLessThan(MAX_FILE_BYTES);

    const acknowledged = [...publishers.acknowledged];
    const orders = acknowledged.filter(isOf("orders"));
    const missing = async (): Promise<string[]> => {
      const [refused, expiring] = await Promise.all([deadLetters(data, "REFUSED"), deadLetters(data, "EXPIRING")]);
      return [
        ...orders.flatMap((id) => [`ONE ${id}`, `BATCHED ${id}`]).filter((key) => !subscribers.delivered.has(key)),
        ...expectedLate.filter(isOf("orders")).filter((id) => !subscribers.delivered.has(`LATE ${id}`)),
        ...acknowledged.filter(isOf("failing")).filter((id) => !refused.has(id)),
        ...acknowledged.filter(isOf("brief")).filter((id) => !expiring.has(id)),
      ];
    };
    for (let kills = 0; kills <= DRAIN_KILLS; kills += 1) {
      const ringmain = await runRingmain({ config: configuration(receiver.url, data, variant), data });
      const left = (await missing()).length;
      const wanted = kills === DRAIN_KILLS ? 0 : left - Math.ceil(left / 4);
      await whenFew(missing, wanted);
      if (kills === DRAIN_KILLS) await ringmain.stop();
      else await ringmain.kill();
    }
    expect(await missing(), `seed ${SEED}`).toEqual([]);
    await receiver.stop();
    process.stdout.write(
      `kill -9: ${acknowledged.length} events acknowledged, ${subscribers.delivered.size} deliveries, ` +
        `data file at most ${(largest / 1e6).toFixed(1)} MB\n`,
    );
  });
});

/** Polls until few enough are left, or until the test's timeout. */
async function whenFew(missing: () => Promise<readonly string[]>, few: number): Promise<void> {
  while ((await missing()).length > few) await new Promise((resolve) => setTimeout(resolve, 250));
}

/**
 * Resolves at the time to kill: after some responses to publishers, after some attempts at one subscriber, or at a
 * reload.
 */
function killMoment(
  random: SeededRandom,
  ringmain: RunningRingmain,
  publishers: Publishers,
  subscribers: Subscribers,
  reloads: boolean,
): () => boolean {
  const attempts = (name: string): number => subscribers.requests.get(name) ?? 0;
  const acknowledged = publishers.acknowledged.size + 1 + random.below(100);
  const name = random.pick(["ONE", "BATCHED", "REFUSED", "EXPIRING"]);
  const target = attempts(name) + 1 + random.below(20);
  const atAttempt = random.next() < 0.5;
  const applied = (): boolean => ringmain.lines.some((line) => line.includes("configuration_applied"));
  const afterReload = reloads && random.next() < 0.6;
  return () => {
    if (publishers.acknowledged.size < acknowledged) return false;
    // Limited: there may be no more events to attempt.
    if (atAttempt && attempts(name) < target && publishers.acknowledged.size < acknowledged + 300) return false;
    return !afterReload || applied();
  };
}
