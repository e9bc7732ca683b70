// A process with its own LMDB store, which tests kill, refuse or starve. Runs the output of `tsc -b`. Receives its
// task in its arguments, `<folder> <task> <count>`, and in lines on its input. Reports its progress in lines.
import { createInterface } from "node:readline";

const { openLmdbStore } = await import(new URL("../../dist/stores/lmdb/open-lmdb-store.js", import.meta.url).href);
const [folder, task, count, segmentBytes] = process.argv.slice(2);
const report = (line) => process.stdout.write(`${line}\n`);
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

/** Publishes one event after another into two queues, and acknowledges the deliveries in the second. */
async function work(store, first) {
  let next = first;
  const publish = async () => {
    let ended = [];
    for (;;) {
      const id = (next += 1);
      await store.queue.enqueue([{ event: event(id), to: ["kept", "done"] }], NOW);
      report(`stored ${id}`);
      // Earlier acknowledgments are on disk together with later writes.
      for (const delivery of ended) report(`acknowledged ${delivery.event.id}`);
      const received = await store.queue.receive("done", { max: 5, lockMs: 60_000, now: NOW });
      const tokens = received.map(({ lockToken }) => lockToken);
      await store.queue.acknowledge("done", tokens, NOW);
      ended = received;
    }
  };
  await Promise.all(Array.from({ length: 16 }, publish));
}

/** Says which deliveries were settled, and the number of receives that each has then. */
function reportSettled(word, deliveries, results) {
  for (const [index, { event: settled, deliveryCount }] of deliveries.entries()) {
    if (results[index] === "settled") report(`${word} ${settled.id}:${deliveryCount + 1}`);
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
      report(`stored ${id}`);
      now += 10_000;
      const received = await store.queue.receive("pulled", { max: 6, lockMs: 60_000, now, counted: true });
      for (const { event: got, deliveryCount } of received) report(`received ${got.id}:${deliveryCount}`);
      const [ended, released] = [0, 1].map((rest) => received.filter((_, at) => (at + round) % 3 === rest));
      const tokens = (deliveries) => deliveries.map(({ lockToken }) => lockToken);
      for (const { event: ending } of ended) report(`ending ${ending.id}`);
      const endings = await store.queue.acknowledge("pulled", tokens(ended), now, { durable: true });
      reportSettled("ended", ended, endings);
      const releases = await store.queue.release("pulled", tokens(released), { now, dueAt: now, counted: true });
      reportSettled("counted", released, releases);
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, index) => receiver(index)));
}

/** Publishes again after a refusal, until it succeeds. Rejects at `deadline`. */
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
        report(`refused ${error.code} ${error.message}`);
        return;
      }
      report(`stored ${id}`);
    }
  };
  await Promise.all(Array.from({ length: 16 }, publishAll));
  const depth = async (queue) => (await store.queue.depth(queue, NOW)).waiting;
  report(`full ${await depth("one")} ${await depth("two")}`);
  // Space is freed as deliveries end. Then as many events can be published as deliveries have ended.
  for (const queue of ["one", "two"]) {
    for (;;) {
      const received = await store.queue.receive(queue, { max: 100, lockMs: 60_000, now: NOW });
      if (received.length === 0) break;
      const tokens = received.map(({ lockToken }) => lockToken);
      const results = await store.queue.acknowledge(queue, tokens, NOW);
      if (results.some((result) => result !== "settled")) throw new Error(`not settled: ${results.join()}`);
    }
  }
  report(`emptied ${await depth("one")} ${await depth("two")}`);
  const emptiedAt = performance.now();
  for (let id = 0; id < 1_000; id += 1) await publishAgain(store, event(id), emptiedAt + 5_000);
  report(`continued ${await depth("one")} ${await depth("two")}`);
}

try {
  const store = await openLmdbStore({
    path: folder,
    ...(segmentBytes === undefined ? {} : { segmentBytes: Number(segmentBytes) }),
  });
  report("open");
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
    report("stocked");
  }
  if (task === "hold" || task === "stock") await lines.next();
  await store.close();
  report("closed");
  process.exit(0);
} catch (error) {
  report(`failed ${error.code} ${error.message}`);
  process.exit(1);
}
