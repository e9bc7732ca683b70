import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { configSchema } from "../../src/app/config/schema.ts";
import { startRingmain, type Ringmain } from "../../src/app/start-ringmain.ts";
import { SILENT_LOGGER } from "../../src/ports/logger.ts";
import { Receiver } from "../support/servers/receiver.ts";
import { emptyNatsStore, type NatsStoreUnderTest } from "../support/servers/run-nats-store.ts";
import { runNats, type RunningNats } from "../support/servers/run-nats.ts";

async function publish(node: Ringmain, ids: readonly string[]): Promise<void> {
  const [topic] = node.report.topics;
  if (topic === undefined) throw new Error("no topic");
  const response = await fetch(topic.endpoint, {
    method: "POST",
    headers: { "content-type": "application/json", "aeg-sas-key": topic.key1 ?? "" },
    body: JSON.stringify(
      ids.map((id) => ({
        id,
        subject: id,
        eventType: "Order.Placed",
        eventTime: "2026-01-01T00:00:00Z",
        dataVersion: "1",
        data: {},
      })),
    ),
  });
  expect(response.status).toBe(200);
}

const range = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

describe("several Ringmains on one NATS store", () => {
  let nats: RunningNats;
  let receiver: Receiver;
  let subject: NatsStoreUnderTest;
  let nodes: Ringmain[];
  beforeAll(async () => {
    nats = await runNats();
  });
  afterAll(() => nats?.stop());
  beforeEach(async () => {
    receiver = await Receiver.start();
    subject = emptyNatsStore(nats);
    nodes = [];
  });
  afterEach(async () => {
    for (const node of nodes) await node.stop();
    await subject.dispose();
    await receiver.stop();
  });

  async function startNode(): Promise<Ringmain> {
    const config = configSchema.parse({
      port: 0,
      store: `${nats.url}?name=${subject.name}`,
      delivery: { attempts: 4, attemptsPerSubscription: 4 },
      topics: [
        {
          name: "orders",
          subscriptions: [
            { name: "all", destination: { endpointType: "WebHook", properties: { endpointUrl: receiver.url } } },
          ],
        },
      ],
    });
    const node = await startRingmain({ config, folder: process.cwd(), logger: SILENT_LOGGER });
    nodes.push(node);
    return node;
  }

  const deliveredIds = (): string[] => receiver.events.map(({ id }) => String(id)).toSorted();
  it("share the work: each event is delivered once, from whichever node it was published at, and both deliver", async () => {
    const one = await startNode();
    const two = await startNode();
    const attempts = new Map<Ringmain, number>();
    for (const node of [one, two]) {
      node.engine.observe(({ kind }) => {
        if (kind === "attempted") attempts.set(node, (attempts.get(node) ?? 0) + 1);
      });
    }
    const published = [...range("a", 200), ...range("b", 200)];
    await Promise.all([publish(one, published.slice(0, 200)), publish(two, published.slice(200))]);
    await receiver.until(() => receiver.events.length >= published.length);
    expect(deliveredIds()).toEqual(published.toSorted());
    expect(attempts.size).toBe(2);
  }, 30_000);

  it("deliver the remaining events of a node that stops", async () => {
    const one = await startNode();
    let stopped = false;
    let asked = 0;
    receiver.answer = async () => {
      asked += 1;
      await vi.waitUntil(() => stopped, { timeout: 20_000 });
      return 200;
    };
    await publish(one, range("a", 40));
    await vi.waitUntil(() => asked === 4, { timeout: 5_000 });
    const two = await startNode();
    const stopping = one.stop();
    stopped = true;
    await stopping;
    await receiver.until(() => new Set(deliveredIds()).size === 40);
    await two.engine.quiesce();
    expect(deliveredIds()).toEqual(range("a", 40).toSorted());
  }, 30_000);

  it("apply a resource's change at one node to the routing at the other", async () => {
    const one = await startNode();
    const two = await startNode();
    const [subscription] = one.engine.directory.subscriptionsOf(one.engine.directory.topicByName("orders")?.id ?? "");
    if (subscription === undefined) throw new Error("no subscription");
    await one.engine.controlPlane.delete(subscription.id);
    await vi.waitUntil(() => two.engine.directory.get(subscription.id) === undefined, { timeout: 1_000, interval: 10 });
    await publish(two, ["nobody's"]);
    await two.engine.quiesce();
    expect(receiver.events).toEqual([]);
  }, 30_000);

  it("[ARM-TURNS] apply all concurrent changes of one resource at several nodes", async () => {
    const three = [await startNode(), await startNode(), await startNode()];
    const [first] = three;
    const id = first?.engine.directory.topicByName("orders")?.id ?? "";
    const names = range("t", 30);
    await Promise.all(
      names.map((name, index) =>
        three[index % three.length]?.engine.controlPlane.change(id, (before) => {
          if (before === undefined) throw new Error("no topic");
          return { ...before.resource, tags: { ...before.resource.tags, [name]: "set" } };
        }),
      ),
    );
    for (const { engine } of three) {
      const tags = (): string[] => Object.keys(engine.directory.get(id)?.resource.tags ?? {});
      await vi.waitUntil(() => tags().length === names.length, { timeout: 5_000, interval: 10 });
      expect(tags().toSorted()).toEqual(names.toSorted());
    }
  }, 30_000);
});
