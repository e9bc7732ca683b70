import { jetstream, JetStreamApiError } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import {
  AuthorizationError,
  connect,
  TimeoutError,
  type ConnectionOptions,
  type NatsConnection,
} from "@nats-io/transport-node";
import { randomBytes } from "node:crypto";
import { RingmainError, toError } from "../../core/errors.ts";
import { SECOND_MS } from "../../core/time.ts";
import type { Store } from "../../ports/store.ts";
import { DeliveryWriter } from "./queue/delivery-writer.ts";
import { JetStreamApi } from "./link/jetstream-api.ts";
import { LockTokens } from "./queue/lock-tokens.ts";
import { deliverySubject, streamName } from "./link/names.ts";
import { NatsDeliveryQueue } from "./queue/nats-delivery-queue.ts";
import { NatsLink, unavailable } from "./link/nats-link.ts";
import { NatsResourceStore } from "./resources/nats-resource-store.ts";
import { NatsSecrets } from "./resources/nats-secrets.ts";
import { NodeChannel } from "./link/node-channel.ts";
import { settleSettings } from "./link/store-settings.ts";
import { parseServers, type ServerAddresses } from "./link/store-url.ts";

export interface NatsStoreOptions {
  /**
   * One or more URLs `nats://[user:password@]host[:port]`, also several in one text, separated by commas. `tls://`
   * enables encryption.
   */
  readonly servers: string | readonly string[];
  /**
   * Name of the store, which distinguishes stores on the same servers: letters, digits, `-` and `_`. Default:
   * `ringmain`.
   */
  readonly name?: string;
  /**
   * Number of servers that keep a copy of each stream. Default: 3 in a cluster, otherwise 1. An existing store keeps
   * its own number.
   */
  readonly replicas?: 1 | 3 | 5;
  /**
   * Number of streams across which a new store distributes its queues. Default: 16. An existing store keeps its own
   * number.
   */
  readonly shards?: number;
  /** Maximum time in milliseconds to wait for a response. Default: 5,000. */
  readonly timeoutMs?: number;
  /** Repeats attempts to open the store that reject with `store_unavailable`. Default: one attempt. */
  readonly retry?: (attempt: () => Promise<Store>) => Promise<Store>;
}

const DEFAULT_NAME = "ringmain";
const DEFAULT_SHARDS = 16;
const DEFAULT_TIMEOUT_MS: number = 5 * SECOND_MS;
const RECONNECT_WAIT_MS = 200;
/** Milliseconds between pings. A server that leaves three of them without a response is replaced by another. */
const PING_MS: number = 2 * SECOND_MS;
const CLUSTER_REPLICAS = 3;
/** Error code of "replicas > 1 not supported in non-clustered mode". */
const REPLICAS_NOT_SUPPORTED = 10_074;

/**
 * Opens a store on NATS servers with JetStream, version 2.9 or later. Creates the store if it does not exist. Any
 * number of nodes may open it.
 *
 * While servers start or elect a leader, they refuse requests or leave them without a response for some seconds; use
 * `retry` for this. Each attempt uses what earlier attempts and other nodes have created.
 *
 * Rejects with `store_unavailable` if no server can be reached or JetStream is not available; with `invalid_request`
 * for an invalid name or URL, for wrong credentials, for servers without JetStream, and for a store of a later version.
 */
export async function openNatsStore(options: NatsStoreOptions): Promise<Store> {
  const { name = DEFAULT_NAME, retry = (attempt) => attempt() } = options;
  if (!/^[\w-]{1,32}$/.test(name)) {
    throw new RingmainError(
      "invalid_request",
      `The name of a store can have letters, digits, - and _, but is '${name}'`,
    );
  }
  const servers = parseServers(options.servers);
  return retry(() => openOnce(servers, name, options));
}

async function openOnce(servers: ServerAddresses, name: string, options: NatsStoreOptions): Promise<Store> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, shards = DEFAULT_SHARDS, replicas } = options;
  const shown = servers.addresses.join(", ");
  const connection = await connectTo(servers, timeoutMs);
  const cleanup: (() => void)[] = [];
  const step = async <T>(awaited: string, run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (thrown) {
      const error = thrown instanceof TimeoutError ? unavailable(`no response within ${timeoutMs} ms`) : thrown;
      throw openingError(`Cannot open the store on NATS at ${shown} while waiting for ${awaited}`, error);
    }
  };
  try {
    return await assemble({ connection, name, timeoutMs, shards, replicas, step, cleanup });
  } catch (thrown) {
    for (const release of cleanup) release();
    await connection.close();
    throw thrown;
  }
}

/** Returns the error for a failed attempt. Its code says whether another attempt may succeed. */
function openingError(action: string, thrown: unknown): RingmainError {
  const { message } = toError(thrown);
  const final = thrown instanceof RingmainError ? thrown.code : isFinal(thrown) ? "invalid_request" : undefined;
  return new RingmainError(final ?? "store_unavailable", `${action}: ${message.replace(/\.$/, "")}.`, {
    cause: thrown,
  });
}

function isFinal(thrown: unknown): boolean {
  if (thrown instanceof JetStreamApiError) return thrown.apiError().err_code === REPLICAS_NOT_SUPPORTED;
  return thrown instanceof AuthorizationError;
}

async function connectTo(servers: ServerAddresses, timeoutMs: number): Promise<NatsConnection> {
  const { addresses, user, password, tls } = servers;
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
    throw openingError(`Cannot connect to NATS at ${addresses.join(", ")}`, thrown);
  }
}

interface Assembly {
  readonly connection: NatsConnection;
  readonly name: string;
  readonly timeoutMs: number;
  readonly shards: number;
  readonly replicas: number | undefined;
  /** Runs one step. Its error names what the step waited for. */
  readonly step: <T>(awaited: string, run: () => Promise<T>) => Promise<T>;
  /** Functions that release resources if a later step fails. */
  readonly cleanup: (() => void)[];
}

async function assemble(assembly: Assembly): Promise<Store> {
  const { connection, name, timeoutMs, step } = assembly;
  const clustered = connection.info?.cluster !== undefined;
  const usual = clustered ? CLUSTER_REPLICAS : 1;
  const link = new NatsLink(connection, timeoutMs);
  const api = new JetStreamApi(link);
  await step("JetStream", () => api.requireEnabled(clustered));
  // Reads from the leader only: a replica may lag behind, and conditions are checked against the values read.
  const bucketOptions = { replicas: assembly.replicas ?? usual, history: 1, allow_direct: false };
  const buckets = new Kvm(jetstream(connection, { timeout: timeoutMs }));
  const bucket = await step(`the bucket '${name}'`, () => buckets.create(name, bucketOptions));
  const { shards, tokenKey } = await step(`the settings in the bucket '${name}'`, () =>
    settleSettings(bucket, assembly.shards),
  );
  for (let shard = 0; shard < shards; shard += 1) {
    const subjects = deliverySubject(name, shard, "*");
    await step(`stream ${shard + 1} of ${shards}`, () =>
      api.ensureStream(streamName(name, shard), subjects, { wanted: assembly.replicas, usual }),
    );
  }
  const channel = new NodeChannel(link, name, randomBytes(8).toString("hex"));
  const resources = new NatsResourceStore({ link, api, bucket, bucketName: name, channel });
  assembly.cleanup.push(() => resources.close());
  await step("the resources", () => resources.start());
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
  return { queue, resources, secrets: new NatsSecrets(bucket), close: () => (closing ??= close()) };
}
