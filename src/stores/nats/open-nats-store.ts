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
  /** Repeats an attempt to open the store that rejects with `store_unavailable`. Unset means a single attempt. */
  readonly retry?: (attempt: () => Promise<Store>) => Promise<Store>;
}

const DEFAULT_NAME = "ringmain";
const DEFAULT_SHARDS = 16;
const DEFAULT_TIMEOUT_MS: number = 5 * SECOND_MS;
const RECONNECT_WAIT_MS = 200;
/** A server that answers no ping for three times as long is left for another. */
const PING_MS: number = 2 * SECOND_MS;
const CLUSTER_REPLICAS = 3;
/** "replicas > 1 not supported in non-clustered mode" */
const REPLICAS_NOT_SUPPORTED = 10_074;

/**
 * Opens the store kept by NATS servers with JetStream, version 2.9 or newer; makes it when it is not there. Any number
 * of nodes may have it open.
 *
 * Servers that are starting or choosing a leader refuse requests, or leave them without a response, for seconds: give
 * `retry`. Each attempt finds what earlier ones and other nodes have made.
 *
 * Errors: `store_unavailable` when no server can be reached or JetStream is not available; `invalid_request` for a bad
 * name or address, wrong credentials, servers without JetStream, and for a store that a newer version made.
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

/** The error for an attempt that failed, with a code that tells whether another one may succeed. */
function openingError(what: string, thrown: unknown): RingmainError {
  const { message } = toError(thrown);
  const final = thrown instanceof RingmainError ? thrown.code : isFinal(thrown) ? "invalid_request" : undefined;
  return new RingmainError(final ?? "store_unavailable", `${what}: ${message.replace(/\.$/, "")}.`, { cause: thrown });
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
  /** Runs one step; its error names what was awaited. */
  readonly step: <T>(awaited: string, run: () => Promise<T>) => Promise<T>;
  /** Collects what must be released when a later step fails. */
  readonly cleanup: (() => void)[];
}

async function assemble(assembly: Assembly): Promise<Store> {
  const { connection, name, timeoutMs, step } = assembly;
  const clustered = connection.info?.cluster !== undefined;
  const usual = clustered ? CLUSTER_REPLICAS : 1;
  const link = new NatsLink(connection, timeoutMs);
  const api = new JetStreamApi(link);
  await step("JetStream", () => api.requireEnabled(clustered));
  // Read at the leader only: a copy may lag behind, and conditions are checked against what is read.
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
