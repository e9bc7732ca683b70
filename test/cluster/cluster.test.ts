import { writeFile } from "node:fs/promises";
import { afterAll, describe, expect, it, vi } from "vitest";
import { Receiver } from "../support/servers/receiver.ts";
import { runNatsCluster, type NatsCluster } from "../support/servers/run-nats-cluster.ts";
import { removeFolders, temporaryFolder } from "../support/servers/run-ringmain.ts";
import { seededRandom, type SeededRandom } from "../support/fixtures/seeded-random.ts";
import { FAULTS, WORSE_FAULTS } from "./faults.ts";
import { Load, pause } from "./load.ts";
import { RingmainNode } from "./ringmain-node.ts";
import { configuration, missing, Subscribers, TOPICS, type Receivers } from "./subscribers.ts";

const WANTED_ROUNDS = process.env["RINGMAIN_CLUSTER_ROUNDS"];
/** A short run has each kind of fault once. Set the number of rounds for a longer one. */
const SHORT = WANTED_ROUNDS === undefined;
const ROUNDS = SHORT ? FAULTS.length : Number(WANTED_ROUNDS);
const SEED = Number(process.env["RINGMAIN_CLUSTER_SEED"] ?? Date.now() % 100_000);
const NODES = ["a", "b", "c"];
const CONNECTIONS = 6;
/**
 * Number of acknowledged events after which a fault ends. Time limits it, too: with most servers down, no event is
 * acknowledged.
 */
const MAX_EVENTS_OF_A_FAULT = 400;
const MAX_FAULT_MS = SHORT ? 2_000 : 6_000;
/** Servers take up to ten seconds to elect a leader, on a busy machine several times. */
const RECOVERY_MS = 90_000;
/** A broken connection's deliveries become available after two minutes. Every node checks half a minute later. */
const DRAIN_MS = 200_000;
/** Documented time in which a change reaches the other nodes. */
const CHANGE_MS = 1_000;

const secondsSince = (startedAt: number): string => ((performance.now() - startedAt) / 1_000).toFixed(1);
const say = (line: string): void => void process.stdout.write(`cluster: ${line}\n`);

async function changeIsKnown(nodes: readonly RingmainNode[], receivers: Receivers, name: string): Promise<number> {
  const [writer, ...others] = nodes.map(({ running }) => running);
  if (writer === undefined) throw new Error("not running");
  const applied = writer.lines.filter((line) => line.includes("configuration_applied")).length;
  await writeFile(writer.configFile, JSON.stringify(configuration(receivers, name)));
  const isApplied = (): boolean =>
    writer.lines.filter((line) => line.includes("configuration_applied")).length > applied;
  await vi.waitUntil(isApplied, { timeout: 10_000, interval: 2 });
  const writtenAt = performance.now();
  for (const other of others) {
    const known = async (): Promise<boolean> => {
      const path = `/ringmain/topics/${name}/listKeys`;
      const response = await fetch(`${other?.ready.http}${path}`, { method: "POST" });
      await response.body?.cancel();
      return response.ok;
    };
    await vi.waitUntil(known, { timeout: 10_000, interval: 2 });
  }
  return performance.now() - writtenAt;
}

/**
 * Waits until every node accepts events again and, in a long run, all servers are up to date. Resolves with the
 * time that it took.
 */
async function recovered({ cluster, nodes, load }: Scene): Promise<string> {
  const startedAt = performance.now();
  for (const node of nodes) {
    await vi.waitUntil(() => load.publishAt(node), { timeout: RECOVERY_MS, interval: 100 });
  }
  const taking = `all Ringmains took events after ${secondsSince(startedAt)} s`;
  if (SHORT) return taking;
  await vi.waitUntil(() => cluster.healthy(), { timeout: RECOVERY_MS, interval: 200 });
  return `${taking}, all servers were up to date after ${secondsSince(startedAt)} s`;
}

async function round(index: number, scene: Scene): Promise<void> {
  const { random, load } = scene;
  const begin = FAULTS[index] ?? random.pick([...FAULTS, ...WORSE_FAULTS]);
  const before = load.acknowledged.size;
  const more = random.below(100);
  await vi.waitUntil(() => load.acknowledged.size > before + more, { timeout: RECOVERY_MS });
  const atFault = load.acknowledged.size;
  const startedAt = performance.now();
  const fault = await begin(scene);
  const enough = atFault + 1 + random.below(MAX_EVENTS_OF_A_FAULT);
  while (load.acknowledged.size < enough && performance.now() - startedAt < MAX_FAULT_MS) await pause(20);
  const meanwhile = load.acknowledged.size - atFault;
  const lasted = secondsSince(startedAt);
  await fault.mend();
  const recovery = await recovered(scene);
  say(
    `round ${index + 1}: ${fault.name} for ${lasted} s, ${meanwhile} events acknowledged meanwhile; repaired, ${recovery}`,
  );
}

/** Returns the queue sizes that the nodes report, to distinguish late events from lost ones. */
async function waiting(nodes: readonly RingmainNode[]): Promise<string> {
  const response = await fetch(`${nodes[0]?.running?.ready.http}/ringmain/subscriptions`);
  const { value } = (await response.json()) as { value: { name: string; deliveries: object; deadLetters: object }[] };
  return JSON.stringify(value.map(({ name, deliveries, deadLetters }) => ({ name, deliveries, deadLetters })));
}

/**
 * Restarts without locks: otherwise the deliveries of broken connections would become available only after two minutes.
 */
async function restartWithoutLocks(cluster: NatsCluster, nodes: readonly RingmainNode[]): Promise<void> {
  await Promise.all(nodes.map((node) => node.kill()));
  const forgotten = (): Promise<boolean> =>
    cluster.forgetLocks().then(
      () => true,
      () => false,
    );
  await vi.waitUntil(forgotten, { timeout: RECOVERY_MS, interval: 500 });
  await Promise.all(nodes.map((node) => node.start()));
}

interface Scene {
  readonly cluster: NatsCluster;
  readonly nodes: readonly RingmainNode[];
  readonly random: SeededRandom;
  readonly load: Load;
}

/** See docs/store-backends.md. */
const TOO_OLD =
  "nats-server {version} loses events in a cluster: .ci/newer-nats-server FOLDER fetches a newer one and prints its path, for RINGMAIN_TEST_NATS_CLUSTER_SERVER.";

describe("three Ringmains on a cluster of three NATS servers, killed and partitioned under load", () => {
  afterAll(removeFolders);

  it(`lose no acknowledged event in ${ROUNDS} rounds`, { timeout: 300_000 + ROUNDS * 120_000 }, async () => {
    // Faults have their own random numbers, so that they are the same in every run with a seed.
    const random = seededRandom(SEED);
    const chance = seededRandom(SEED + 1);
    const receiver = await Receiver.start();
    const subscribers = new Subscribers(chance);
    receiver.answer = (request) => {
      receiver.requests.length = 0;
      return subscribers.answer(request);
    };
    const cluster = await runNatsCluster();
    say(`nats-server ${cluster.version}, ${ROUNDS} rounds, RINGMAIN_CLUSTER_SEED=${SEED}`);
    const receivers: Receivers = { url: receiver.url, deadLetters: await temporaryFolder() };
    const config = (): object => configuration(receivers);
    const nodes: RingmainNode[] = [];
    const load = new Load(nodes, TOPICS, chance);
    try {
      if (/^2\.[0-9]\./.test(cluster.version)) throw new Error(TOO_OLD.replace("{version}", cluster.version));
      await vi.waitUntil(() => cluster.healthy(), { timeout: RECOVERY_MS });
      for (const name of NODES) nodes.push(await RingmainNode.make(name, cluster, config));
      await Promise.all(nodes.map((node) => node.start()));
      const heardIn = await changeIsKnown(nodes, receivers, "extra");
      say(`a topic made at one node was known at the others ${heardIn.toFixed(0)} ms later`);
      expect(heardIn).toBeLessThan(CHANGE_MS);

      load.start(CONNECTIONS);
      const startedAt = performance.now();
      for (let index = 0; index < ROUNDS; index += 1) await round(index, { cluster, nodes, random, load });
      const seconds = (performance.now() - startedAt) / 1_000;
      await load.stop();
      say(
        `${load.acknowledged.size} events acknowledged in ${seconds.toFixed(0)} s, ${load.refused} requests refused ` +
          "or broken off",
      );
      expect(load.wrong, `seed ${SEED}`).toEqual([]);

      if (SHORT) await restartWithoutLocks(cluster, nodes);
      const left = (): Promise<string[]> => missing(load.acknowledged, subscribers, receivers.deadLetters);
      const drainedAt = performance.now();
      await vi.waitUntil(async () => (await left()).length === 0, { timeout: DRAIN_MS, interval: 250 }).catch(() => {});
      expect(await left(), `seed ${SEED}, still in the queues: ${await waiting(nodes)}`).toEqual([]);
      say(
        `drained in ${((performance.now() - drainedAt) / 1_000).toFixed(0)} s: ${subscribers.delivered.size} ` +
          `deliveries and dead letters, ${subscribers.duplicates} delivered more than once`,
      );
    } finally {
      await load.stop();
      await Promise.all(nodes.map((node) => node.kill()));
      await cluster.stop();
      await receiver.stop();
    }
  });
});
