import { jetstream } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { connect, type ConnectionOptions, type NatsConnection } from "@nats-io/transport-node";
import { randomBytes } from "node:crypto";
import { RingmainError, toError } from "../../core/errors.ts";
import type { Store } from "../../ports/store.ts";
import { DeliveryWriter } from "./queue/delivery-writer.ts";
import { JetStreamApi } from "./link/jetstream-api.ts";
import { LockTokens } from "./queue/lock-tokens.ts";
import { deliverySubject, streamName } from "./link/names.ts";
import { NatsDeliveryQueue } from "./queue/nats-delivery-queue.ts";
import { NatsLink } from "./link/nats-link.ts";
import { NatsResourceStore } from "./resources/nats-resource-store.ts";
import { NodeChannel } from "./link/node-channel.ts";
import { settleSettings } from "./link/store-settings.ts";
import { parseServers } from "./link/store-url.ts";

export interface NatsStoreOptions {
  /** `nats://[user:password@]host[:port]`, one or several; `tls://` encrypts. One text may name several, with commas. */
  readonly servers: string | readonly string[];
  /** Of several stores on the same servers; letters, digits, `-` and `_`. Unset means `ringmain`. */
  readonly name?: string;
  /** On how many servers everything is kept. Unset means 3 in a cluster, else 1; a store that is there keeps its own. */
  readonly replicas?: 1 | 3 | 5;
  /** Over how many streams a new store spreads its queues; one that is there keeps its own. Unset means 16. */
  readonly shards?: number;
  /** How long anything waits for an answer, in milliseconds. Unset means 5,000. */
  readonly timeoutMs?: number;
}

const DEFAULT_NAME = "ringmain";
const DEFAULT_SHARDS = 16;
const DEFAULT_TIMEOUT_MS = 5_000;
const RECONNECT_WAIT_MS = 200;
/** A server that answers no ping for three times as long is left for another. */
const PING_MS = 2_000;
const CLUSTER_REPLICAS = 3;

/**
 * Opens the store kept by NATS servers with JetStream, version 2.9 or newer; makes it when it is not there. Any number
 * of nodes may have it open.
 *
 * Errors: `store_unavailable` when no server can be reached or JetStream refuses; `invalid_request` for a bad name or
 * address, and for a store that a newer version made.
 */
export async function openNatsStore(options: NatsStoreOptions): Promise<Store> {
  const { name = DEFAULT_NAME, timeoutMs = DEFAULT_TIMEOUT_MS, shards = DEFAULT_SHARDS } = options;
  if (!/^[\w-]{1,32}$/.test(name)) {
    throw new RingmainError("invalid_request", `A store's name takes letters, digits, - and _, not '${name}'`);
  }
  const connection = await connectTo(options, timeoutMs);
  try {
    return await assemble(connection, { name, timeoutMs, shards, replicas: options.replicas });
  } catch (thrown) {
    await connection.close();
    if (thrown instanceof RingmainError) throw thrown;
    const hint = "Is JetStream enabled there (nats-server -js)?";
    const reason = `The store cannot be opened on NATS: ${toError(thrown).message}. ${hint}`;
    throw new RingmainError("store_unavailable", reason, { cause: thrown });
  }
}

async function connectTo({ servers }: NatsStoreOptions, timeoutMs: number): Promise<NatsConnection> {
  const { addresses, user, password, tls } = parseServers(servers);
  const options: ConnectionOptions = {
    servers: addresses,
    name: "ringmain",
    timeout: timeoutMs,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_WAIT_MS,
    pingInterval: PING_MS,
    maxPingOut: 2,
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
    ...(tls && { tls: {} }),
    ...(user !== undefined && (password === undefined ? { token: user } : { user, pass: password })),
  };
  try {
    return await connect(options);
  } catch (thrown) {
    const reason = `Cannot connect to NATS at ${addresses.join(", ")}: ${toError(thrown).message}.`;
    throw new RingmainError("store_unavailable", reason, { cause: thrown });
  }
}

interface AssemblyOptions {
  readonly name: string;
  readonly timeoutMs: number;
  readonly shards: number;
  readonly replicas: number | undefined;
}

async function assemble(connection: NatsConnection, options: AssemblyOptions): Promise<Store> {
  const { name, timeoutMs } = options;
  const usual = connection.info?.cluster === undefined ? 1 : CLUSTER_REPLICAS;
  const link = new NatsLink(connection, timeoutMs);
  const api = new JetStreamApi(link);
  // Read at the leader only: a copy may lag behind, and conditions are checked against what is read.
  const bucketOptions = { replicas: options.replicas ?? usual, history: 1, allow_direct: false };
  const buckets = new Kvm(jetstream(connection, { timeout: timeoutMs }));
  // Of several nodes that start at once one makes it; the others find it at the second try.
  const bucket = await buckets.create(name, bucketOptions).catch(() => buckets.create(name, bucketOptions));
  const { shards, tokenKey } = await settleSettings(bucket, options.shards);
  for (let shard = 0; shard < shards; shard += 1) {
    const subjects = deliverySubject(name, shard, "*");
    await api.ensureStream(streamName(name, shard), subjects, { wanted: options.replicas, usual });
  }
  const channel = new NodeChannel(link, name, randomBytes(8).toString("hex"));
  const resources = new NatsResourceStore({ link, api, bucket, bucketName: name, channel });
  await resources.start();
  const queue = new NatsDeliveryQueue({
    store: name,
    shards,
    link,
    api,
    writer: new DeliveryWriter(link, api),
    tokens: new LockTokens(tokenKey),
    channel,
  });
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await queue.close();
    resources.close();
    await link.close();
  };
  return { queue, resources, close: () => (closing ??= close()) };
}
