/**
 * The baseline *nats*: publishes into a JetStream file stream as many messages at one time as the load generator has
 * connections, each awaited until the server has stored it. Arguments: the server's URL, bytes of a message, seconds.
 */
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { say } from "./process.ts";

const [servers = "", bytes = "700", seconds = "5", connections = "64"] = process.argv.slice(2);
const connection = await connect({ servers });
const manager = await jetstreamManager(connection);
await manager.streams.add({ name: "bench", subjects: ["bench.>"] });
const stream = jetstream(connection);
const message = new Uint8Array(Number(bytes)).fill(120);
say({ event: "ready" });

let published = 0;
const startedAt = performance.now();
const end = startedAt + Number(seconds) * 1_000;
const publisher = async (): Promise<void> => {
  while (performance.now() < end) {
    await stream.publish("bench.events", message);
    published += 1;
  }
};
await Promise.all(Array.from({ length: Number(connections) }, publisher));
say({ event: "done", perSecond: published / ((performance.now() - startedAt) / 1_000) });
await manager.streams.delete("bench");
await connection.close();
