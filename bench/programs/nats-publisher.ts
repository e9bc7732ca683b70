/**
 * The client of the baseline *nats*. Publishes to a JetStream file stream with as many concurrent messages as the
 * load generator has connections, and waits for the server's acknowledgment of each.
 *
 * Argument: the server's URL. Prints `ready`. A line with an `Amount` starts it, and gets a reply at the end.
 */
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import type { Amount } from "../load/load.ts";
import { processorTimeBetween, readProcessState } from "../measurement/processor-time.ts";
import { NATS_CLIENT, readLines, writeLine, type Line } from "./lines.ts";

const MESSAGE_BYTES = 700;
const PUBLISHERS = 64;

const [servers = ""] = process.argv.slice(2);
const connection = await connect({ servers });
const manager = await jetstreamManager(connection);
await manager.streams.add({ name: "bench", subjects: ["bench.>"] });
const stream = jetstream(connection);
const message = new Uint8Array(MESSAGE_BYTES).fill(120);

async function run(amount: Amount): Promise<Line> {
  const limit = "requests" in amount ? amount.requests : Number.POSITIVE_INFINITY;
  const duration = "seconds" in amount ? amount.seconds * 1_000 : Number.POSITIVE_INFINITY;
  const before = await readProcessState(process.pid);
  const startedAt = performance.now();
  let messages = 0;
  const publisher = async (): Promise<void> => {
    while (messages < limit && performance.now() - startedAt < duration) {
      messages += 1;
      await stream.publish("bench.events", message);
    }
  };
  await Promise.all(Array.from({ length: PUBLISHERS }, publisher));
  const seconds = (performance.now() - startedAt) / 1_000;
  const processorTime = processorTimeBetween(NATS_CLIENT, before, await readProcessState(process.pid));
  return { messages, seconds, processorTime };
}

readLines((line) => {
  void run(line as unknown as Amount).then((result) => writeLine({ ...result, replyTo: line["replyTo"] }));
});
writeLine({ event: "ready" });
