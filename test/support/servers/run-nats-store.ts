import { randomBytes } from "node:crypto";
import { connect } from "@nats-io/transport-node";
import { jetstreamManager } from "@nats-io/jetstream";
import { createRetryUnavailable } from "../../../src/app/lifecycle/retry-unavailable.ts";
import { systemClock } from "../../../src/app/system/system-clock.ts";
import { SILENT_LOGGER } from "../../../src/ports/logger.ts";
import type { Store } from "../../../src/ports/store.ts";
import { openNatsStore } from "../../../src/stores/nats/open-nats-store.ts";
import type { RunningNats } from "./run-nats.ts";

/** Number of streams of a store under test: more than one, but few enough to create a store for each test. */
export const SHARDS = 3;

/** A store that several nodes have open. */
export interface NatsStoreUnderTest {
  readonly name: string;
  /** Opens the store as a further node. */
  readonly open: () => Promise<Store>;
  /** Closes all nodes and deletes the store. */
  readonly dispose: () => Promise<void>;
}

/** Creates an empty store with a unique name. */
export function emptyNatsStore(nats: RunningNats): NatsStoreUnderTest {
  const name = `test-${randomBytes(6).toString("hex")}`;
  const nodes: Store[] = [];
  return {
    name,
    open: async () => {
      const { signal } = new AbortController();
      // Retries as the program does: a server on a busy machine may not respond in time at first.
      const retry = createRetryUnavailable({ clock: systemClock, logger: SILENT_LOGGER, signal });
      const node = await openNatsStore({ servers: nats.url, name, shards: SHARDS, retry });
      nodes.push(node);
      return node;
    },
    dispose: async () => {
      for (const node of nodes) await node.close();
      const connection = await connect({ servers: nats.url });
      const { streams } = await jetstreamManager(connection);
      for await (const stream of streams.list()) {
        if (stream.config.name.includes(name)) await streams.delete(stream.config.name);
      }
      await connection.close();
    },
  };
}
