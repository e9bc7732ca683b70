import { join } from "node:path";
import type { Amount } from "../load/load.ts";
import { processorTimeIn } from "../load/node-generator.ts";
import { sampleLoad, warmUpBy, type Contender, type Sample } from "../measurement/contender.ts";
import { NATS_CLIENT, numberIn } from "../programs/lines.ts";
import { PROGRAMS } from "../servers/baselines.ts";
import { startScript } from "../servers/child-process.ts";
import { knowsSyncAlways, natsVersion, startNatsServers, type NatsSync } from "../servers/nats-servers.ts";

/** Resolves with the ways of flushing that the installed nats-server supports, and prints those that it does not. */
export async function supportedSyncs(): Promise<readonly NatsSync[]> {
  const version = await natsVersion();
  const always = knowsSyncAlways(version);
  process.stderr.write(
    `  nats-server ${version}${always ? "" : ": without sync_interval: always, which needs 2.10"}\n`,
  );
  return always ? ["default", "always"] : ["default"];
}

/** Starts a NATS server and the client that publishes to it. */
export async function startNatsContender(sync: NatsSync): Promise<Contender> {
  const server = await startNatsServers(1, sync);
  const client = await startScript(join(PROGRAMS, "nats-publisher.js"), [server.url]);
  const publish = (amount: Amount): Promise<Sample> =>
    sampleLoad(server.processes, async () => {
      const line = await client.ask(amount);
      const requests = numberIn(line, "messages");
      const seconds = numberIn(line, "seconds");
      const load = { requests, events: requests, seconds, processorTime: processorTimeIn(line) };
      return { load, seconds };
    });
  return {
    // The client has a JIT compiler to warm up, the server has none.
    warmUp: () => warmUpBy(NATS_CLIENT, () => publish({ seconds: 1 })),
    run: (requests) => publish({ requests }),
    stop: async () => {
      await client.stop();
      await server.stop();
    },
  };
}
