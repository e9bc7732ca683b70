// A process with an LMDB store of its own, to be killed, refused or starved. Runs what `tsc -b` made of the sources.
// Told what to do by its arguments, `<folder> <task> <count>`, and by lines on its input; tells what it did by lines.
import { createInterface } from "node:readline";

const { openLmdbStore } = await import(new URL("../../dist/stores/lmdb/open-lmdb-store.js", import.meta.url).href);
const [folder, task, count, segmentBytes] = process.argv.slice(2);
const tell = (line) => process.stdout.write(`${line}\n`);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const NOW = 1_767_225_600_000;

function event(id) {
  return {
    systemId: `system-${id}`,
    schema: "EventGridSchema",
    topic: "/subscriptions/s/resourceGroups/g/providers/Microsoft.EventGrid/topics/orders",
    id: String(id),
    type: "Order.Placed",
    subject: "orders/1",
    time: "2026-01-01T00:00:00.0000000Z",
    dataVersion: "",
    publishedAt: NOW,
    json: Buffer.from(JSON.stringify({ id, data: "x".repeat(600) })),
  };
}

/** Publishes one event after the other into two queues, and acknowledges what it finds in the second. */
async function work(store, first) {
  let next = first;
  const publish = async () => {
    let ended = [];
    for (;;) {
      const id = (next += 1);
      await store.queue.enqueue([{ event: event(id), to: ["kept", "done"] }], NOW);
      tell(`stored ${id}`);
      // What was acknowledged before is on disk with what was written after it.
      for (const delivery of ended) tell(`acknowledged ${delivery.event.id}`);
      const received = await store.queue.receive("done", { max: 5, lockMs: 60_000, now: NOW });
      const tokens = received.map(({ lockToken }) => lockToken);
      await store.queue.acknowledge("done", tokens, NOW);
      ended = received;
    }
  };
  await Promise.all(Array.from({ length: 16 }, publish));
}

/** Says which deliveries were settled, and the number of receives that each has then. */
function tellSettled(word, deliveries, results) {
  for (const [index, { event: settled, deliveryCount }] of deliveries.entries()) {
    if (results[index] === "settled") tell(`${word} ${settled.id}:${deliveryCount + 1}`);
  }
}

/**
 * Publishes events and receives them counted, and acknowledges a third of them durably, releases a third, and leaves a
 * third locked until that runs out. Says each number that was received, and what has been settled.
 */
async function pull(store, first) {
  let next = first;
  let now = NOW;
  const receiver = async (index) => {
    for (let round = index; ; round += 1) {
      const id = (next += 1);
      await store.queue.enqueue([{ event: event(id), to: ["pulled"] }], now);
      tell(`stored ${id}`);
      now += 10_000;
      const received = await store.queue.receive("pulled", { max: 6, lockMs: 60_000, now, counted: true });
      for (const { event: got, deliveryCount } of received) tell(`received ${got.id}:${deliveryCount}`);
      const [ended, released] = [0, 1].map((rest) => received.filter((_, at) => (at + round) % 3 === rest));
      const tokens = (deliveries) => deliveries.map(({ lockToken }) => lockToken);
      for (const { event: ending } of ended) tell(`ending ${ending.id}`);
      const endings = await store.queue.acknowledge("pulled", tokens(ended), now, { durable: true });
      tellSettled("ended", ended, endings);
      const releases = await store.queue.release("pulled", tokens(released), { now, dueAt: now, counted: true });
      tellSettled("counted", released, releases);
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, index) => receiver(index)));
}

/** Publishes as one who was refused does, until it is taken; rejects when that has not happened at `deadline`. */
async function publishAgain(store, published, deadline) {
  for (;;) {
    try {
      await store.queue.enqueue([{ event: published, to: ["one", "two"] }], NOW);
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function fill(store) {
  let next = 0;
  const publishAll = async () => {
    for (;;) {
      const id = (next += 1);
      try {
        await store.queue.enqueue([{ event: event(id), to: ["one", "two"] }], NOW);
      } catch (error) {
        tell(`refused ${error.code} ${error.message}`);
        return;
      }
      tell(`stored ${id}`);
    }
  };
  await Promise.all(Array.from({ length: 16 }, publishAll));
  const depth = async (queue) => (await store.queue.depth(queue, NOW)).waiting;
  tell(`full ${await depth("one")} ${await depth("two")}`);
  // Space returns as deliveries end; then as much can be published as had ended.
  for (const queue of ["one", "two"]) {
    for (;;) {
      const received = await store.queue.receive(queue, { max: 100, lockMs: 60_000, now: NOW });
      if (received.length === 0) break;
      const tokens = received.map(({ lockToken }) => lockToken);
      const results = await store.queue.acknowledge(queue, tokens, NOW);
      if (results.some((result) => result !== "settled")) throw new Error(`not settled: ${results.join()}`);
    }
  }
  tell(`emptied ${await depth("one")} ${await depth("two")}`);
  const emptiedAt = performance.now();
  for (let id = 0; id < 1_000; id += 1) await publishAgain(store, event(id), emptiedAt + 5_000);
  tell(`continued ${await depth("one")} ${await depth("two")}`);
}

try {
  const store = await openLmdbStore({
    path: folder,
    ...(segmentBytes === undefined ? {} : { segmentBytes: Number(segmentBytes) }),
  });
  tell("open");
  if (task === "work") await work(store, Number(count));
  if (task === "pull") await pull(store, Number(count));
  if (task === "fill") await fill(store);
  if (task === "stock") {
    const items = Array.from({ length: Number(count) }, (_, id) => ({ event: event(id), to: ["stock"] }));
    await Promise.all(
      Array.from({ length: Math.ceil(items.length / 1_000) }, (_, index) =>
        store.queue.enqueue(items.slice(index * 1_000, (index + 1) * 1_000), NOW),
      ),
    );
    tell("stocked");
  }
  if (task === "hold" || task === "stock") await lines.next();
  await store.close();
  tell("closed");
  process.exit(0);
} catch (error) {
  tell(`failed ${error.code} ${error.message}`);
  process.exit(1);
}
