import { spawn } from "node:child_process";
import { once } from "node:events";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { LockToken, QueueName } from "../../src/core/delivery.ts";
import { topicId } from "../../src/core/resources/resource-id.ts";
import type { ResourceChange } from "../../src/ports/resource-store.ts";
import { JetStreamApi } from "../../src/stores/nats/link/jetstream-api.ts";
import { queueAddress } from "../../src/stores/nats/link/names.ts";
import { NatsLink } from "../../src/stores/nats/link/nats-link.ts";
import { openNatsStore } from "../../src/stores/nats/open-nats-store.ts";
import { StuckConsumers } from "../../src/stores/nats/queue/stuck-consumers.ts";
import { emptyNatsStore, SHARDS } from "../support/servers/run-nats-store.ts";
import { runNats, type RunningNats } from "../support/servers/run-nats.ts";
import { a, b, ids, tokensOf } from "./delivery-queue-steps.ts";
import { compileStores } from "./store-process.ts";
import { storedEvent } from "./store-events.ts";
import { eventually, put, take, takeSoon, topic } from "./store-nats-steps.ts";

let nats: RunningNats;
beforeAll(async () => {
  nats = await runNats();
});
afterAll(() => nats?.stop());

describe("nats: the server", () => {
  it("causes immediate errors while it is down, and after its restart the store continues with all confirmed data", async () => {
    const server = await runNats();
    const { open, dispose } = emptyNatsStore(server);
    try {
      const [one, two] = [await open(), await open()];
      const names = Array.from({ length: 200 }, (_, index) => String(index));
      await put(one.queue, [a, b], ...names);
      await one.resources.put(topic("before"), { kind: "any" });
      const held = await take(one.queue, a, 50);
      await one.queue.acknowledge(a, tokensOf(held.slice(0, 10)), Date.now());
      await server.kill();
      await vi.waitUntil(async () => {
        const outcomes = await Promise.allSettled([put(one.queue, [a], "lost"), take(two.queue, a)]);
        return outcomes.every(({ status }) => status === "rejected");
      });
      await expect(put(one.queue, [a], "lost")).rejects.toMatchObject({ code: "store_unavailable" });
      await expect(one.resources.put(topic("lost"), { kind: "any" })).rejects.toMatchObject({
        code: "store_unavailable",
      });
      expect(await one.resources.get(topicId("before"))).toBeDefined();
      await server.restart();
      await eventually(() => put(one.queue, [a], "after"));
      await eventually(() => two.queue.depth(a, Date.now()));
      // A lock from before the restart can still be settled at its node, although the server has forgotten it.
      const late = held.slice(10, 20);
      expect(await one.queue.acknowledge(a, tokensOf(late), Date.now())).toEqual(late.map(() => "settled"));
      // A killed server may have lost the latest settlements, which are repeated once.
      const missing = new Set([...names.slice(20), "after"]);
      while (missing.size > 0) {
        const more = await takeSoon(two.queue, a, 100);
        for (const id of ids(more)) missing.delete(id);
        expect(ids(more)).not.toContain(late[0]?.event.id);
        await two.queue.acknowledge(a, tokensOf(more), Date.now());
      }
      expect((await take(two.queue, b, 200)).length).toBe(200);
      const changes: ResourceChange[] = [];
      two.resources.watch((change) => changes.push(change));
      await eventually(() => one.resources.put(topic("after"), { kind: "any" }));
      await vi.waitUntil(() => changes.length > 0, { timeout: 5_000 });
      expect(await two.resources.get(topicId("before"))).toBeDefined();
      expect(await two.resources.get(topicId("lost"))).toBeUndefined();
    } finally {
      await dispose();
      await server.stop();
    }
  }, 40_000);

  it("a node that missed a deletion detects it, and markers are deleted only up to a revision", async () => {
    const server = await runNats();
    const { name, open, dispose } = emptyNatsStore(server);
    try {
      const [one, two] = [await open(), await open()];
      for (const kept of ["kept", "gone"]) await one.resources.put(topic(kept), { kind: "any" });
      await vi.waitUntil(async () => (await two.resources.list()).length === 2, { timeout: 5_000 });
      const connection = await connect({ servers: server.url });
      const api = new JetStreamApi(new NatsLink(connection, 5_000));
      const [gone] = (await one.resources.list()).filter(({ resource }) => resource.name === "gone");
      const bucket = { stream: `KV_${name}`, subject: `$KV.${name}.resource.*` };
      const subjects = await api.subjects(bucket.stream, bucket.subject);
      const subject = [...subjects.keys()].find((key) => key.endsWith("gone")) ?? "";
      await api.purge({ ...bucket, subject }, Number(gone?.etag) - 1);
      expect((await api.subjects(bucket.stream, bucket.subject)).size).toBe(2);
      // Simulates that its marker was deleted while a node was disconnected.
      await api.purge({ ...bucket, subject }, Number(gone?.etag));
      await connection.close();
      await server.kill();
      await server.restart();
      await vi.waitUntil(async () => (await two.resources.list()).length === 1, { timeout: 10_000 });
      expect(await two.resources.get(topicId("kept"))).toBeDefined();
    } finally {
      await dispose();
      await server.stop();
    }
  }, 40_000);

  it("causes a timeout while it does not respond, and is used again when it does", async () => {
    const server = await runNats();
    const store = await openNatsStore({ servers: server.url, shards: 1, timeoutMs: 500 });
    try {
      await put(store.queue, [a], "1");
      server.suspend();
      const rejects = (): Promise<boolean> =>
        store.queue.depth(a, Date.now()).then(
          () => false,
          () => true,
        );
      await vi.waitUntil(rejects, { timeout: 5_000 });
      const calls = [
        put(store.queue, [a], "2"),
        take(store.queue, a),
        store.queue.depth(a, Date.now()),
        store.queue.removeQueue(b),
        store.resources.put(topic("orders"), { kind: "absent" }),
      ];
      for (const { status, ...rest } of await Promise.allSettled(calls)) {
        expect([status, rest]).toMatchObject(["rejected", { reason: { code: "store_unavailable" } }]);
      }
      server.resume();
      await eventually(() => put(store.queue, [a], "3"));
      expect(ids(await takeSoon(store.queue, a))).toEqual(expect.arrayContaining(["1", "3"]));
    } finally {
      await store.close();
      await server.stop();
    }
  }, 20_000);

  it("has dropped the file with the first deliveries of a queue: the others are still counted and received", async () => {
    const server = await runNats();
    const store = await openNatsStore({ servers: server.url, shards: 1 });
    try {
      // More than one file of a stream can hold, which is 8 MB.
      const events = Array.from({ length: 60 }, (_, index) => storedEvent(String(index), 400_000));
      for (const event of events) await store.queue.enqueue([{ event, to: [a] }], Date.now());
      for (let ended = 0; ended < 50;) {
        const tokens = tokensOf(await take(store.queue, a, 50 - ended));
        await store.queue.acknowledge(a, tokens, Date.now());
        ended += tokens.length;
      }
      expect(await store.queue.depth(a, Date.now())).toEqual({ waiting: 10, locked: 0 });
      const other = await openNatsStore({ servers: server.url });
      expect(ids(await take(other.queue, a, 10))).toHaveLength(10);
      await other.close();
    } finally {
      await store.close();
      await server.stop();
    }
  }, 40_000);

  it("has a consumer that returns nothing although its queue is not empty: the consumer is recreated", async () => {
    const { name, open, dispose } = emptyNatsStore(nats);
    const store = await open();
    const connection = await connect({ servers: nats.url });
    try {
      await put(store.queue, [a], "1");
      const address = queueAddress(name, SHARDS, a);
      const { consumers } = await jetstreamManager(connection);
      await consumers.add(address.stream, {
        durable_name: address.consumer,
        filter_subject: `${address.subject}-nothing`,
        ack_policy: "explicit",
      });
      const stuck = new StuckConsumers(new JetStreamApi(new NatsLink(connection, 5_000)));
      await stuck.check([{ queue: a, address }]);
      expect((await consumers.info(address.stream, address.consumer)).num_pending).toBe(0);
      await stuck.check([{ queue: a, address }]);
      await expect(consumers.info(address.stream, address.consumer)).rejects.toThrow("consumer not found");
      expect(ids(await takeSoon(store.queue, a))).toEqual(["1"]);
      await stuck.check([{ queue: a, address }]);
      await stuck.check([{ queue: a, address }]);
      expect((await consumers.info(address.stream, address.consumer)).num_ack_pending).toBe(1);
    } finally {
      await connection.close();
      await dispose();
    }
  }, 20_000);

  it("responds late: the deliveries do not count as received", async () => {
    const server = await runNats();
    const store = await openNatsStore({ servers: server.url, shards: 1, timeoutMs: 500 });
    try {
      await put(store.queue, [a], "1", "2");
      const tokens = tokensOf(await take(store.queue, a, 1));
      await store.queue.acknowledge(a, tokens, Date.now());
      server.suspend();
      // The process may run for another moment.
      const stopped = (): Promise<boolean> =>
        store.queue.depth(a, Date.now()).then(
          () => false,
          () => true,
        );
      await vi.waitUntil(stopped, { timeout: 5_000 });
      await expect(take(store.queue, a)).rejects.toMatchObject({ code: "store_unavailable" });
      const hinted = new Promise<QueueName>((resolve) => store.queue.onAvailable(resolve));
      server.resume();
      expect(await hinted).toBe(a);
      expect(ids(await takeSoon(store.queue, a))).toEqual(["2"]);
    } finally {
      await store.close();
      await server.stop();
    }
  }, 20_000);

  it("lets another node receive the deliveries of a killed node after its locks have expired", async () => {
    await compileStores();
    const { name, open, dispose } = emptyNatsStore(nats);
    try {
      const store = await open();
      await put(store.queue, [a], "1", "2");
      const module = new URL("../../dist/stores/nats/open-nats-store.js", import.meta.url).href;
      const script = `
        import { openNatsStore } from ${JSON.stringify(module)};
        const store = await openNatsStore(${JSON.stringify({ servers: nats.url, name })});
        const held = await store.queue.receive("${a}", { max: 2, lockMs: 1500, now: Date.now() });
        console.log(JSON.stringify(held.map(({ lockToken }) => lockToken)));`;
      const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      const [output] = (await once(child.stdout, "data")) as [Buffer];
      const tokens = JSON.parse(output.toString()) as LockToken[];
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
      expect(tokens).toHaveLength(2);
      expect(await take(store.queue, a)).toEqual([]);
      expect(await store.queue.acknowledge(a, tokens.slice(0, 1), Date.now())).toEqual(["settled"]);
      expect(ids(await takeSoon(store.queue, a))).toEqual(["2"]);
      expect(await store.queue.acknowledge(a, tokens, Date.now())).toEqual(["unknown-token", "lock-lost"]);
    } finally {
      await dispose();
    }
  }, 40_000);

  it("is down: the store closes, and refuses calls afterwards", async () => {
    const server = await runNats();
    const store = await openNatsStore({ servers: server.url, shards: 1 });
    await server.stop();
    await Promise.all([store.close(), store.close()]);
    await expect(put(store.queue, [a], "1")).rejects.toMatchObject({ code: "store_unavailable" });
  });

  it("does not exist: opening the store fails with the reason", async () => {
    const server = await runNats();
    await server.stop();
    await expect(openNatsStore({ servers: server.url })).rejects.toMatchObject({
      code: "store_unavailable",
      message: expect.stringContaining(server.url.replace("nats://", "")) as string,
    });
  });
});
