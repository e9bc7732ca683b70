import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { MINUTE_MS } from "../../src/core/time.ts";
import { runNatsCluster, SERVERS, type NatsCluster } from "../support/servers/run-nats-cluster.ts";
import { removeFolders } from "../support/servers/run-ringmain.ts";
import { RingmainNode } from "./ringmain-node.ts";

const servers = Array.from({ length: SERVERS }, (_, index) => index);
const config = (): object => ({ topics: [{ name: "orders", subscriptions: [] }] });

/** Starts all nodes at the same time. Resolves with the time until the last one is ready. */
async function startAll(nodes: readonly RingmainNode[]): Promise<number> {
  const startedAt = performance.now();
  await Promise.all(nodes.map((node) => node.start()));
  return performance.now() - startedAt;
}

describe("three Ringmains that start at the same time", { timeout: 3 * MINUTE_MS }, () => {
  let cluster: NatsCluster;
  let nodes: RingmainNode[];

  beforeEach(async () => {
    cluster = await runNatsCluster();
    nodes = await Promise.all(["a", "b", "c"].map((name) => RingmainNode.make(name, cluster, config)));
  });
  afterEach(async () => {
    await Promise.all(nodes.map((node) => node.kill()));
    await cluster.stop();
  });
  afterAll(removeFolders);

  it("are ready within a minute on three NATS servers that have just started and are empty", async () => {
    expect(await startAll(nodes)).toBeLessThan(MINUTE_MS);
  });

  it("are ready within a minute if the servers start after them, and log what they wait for", async () => {
    await startAll(nodes);
    await Promise.all(nodes.map((node) => node.kill()));
    await Promise.all(servers.map((server) => cluster.kill(server)));
    const starting = startAll(nodes);
    await Promise.all(servers.map((server) => cluster.restart(server)));
    expect(await starting).toBeLessThan(MINUTE_MS);
    for (const { running } of nodes) {
      const waits = running?.lines.filter((line) => line.includes('"store_not_ready"')) ?? [];
      expect(waits[0]).toMatch(/NATS at 127\.0\.0\.1:\d+/);
    }
  });
});
