import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { RingmainError, toError } from "../../core/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { EventSink, EventSource } from "../../ports/event-source.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Random } from "../../ports/random.ts";
import { CallHandler } from "./call-handler.ts";
import { OwedEvents } from "./owed-events.ts";
import { PendingCopies } from "./pending-copies.ts";
import { createSequencer } from "./sequencer.ts";
import type { UrlForm } from "./storage-event.ts";

/** A host and a port, for example `127.0.0.1` and 10000. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What a storage source needs. */
export interface StorageSourceOptions {
  /** The storage account: its name and one of its keys (Base64), with which missing facts are asked for. */
  readonly account: { readonly name: string; readonly key: string };
  /** Where the Blob service is, over plain HTTP. */
  readonly upstream: Address;
  /** Where clients reach it through this source. Port 0 takes a free one. */
  readonly listen: Address;
  /** ARM id of the storage account: the topic of its events. */
  readonly sourceId: string;
  /** What `data.url` is: the address of production, or the one that the client used. */
  readonly urlForm: UrlForm;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly limits?: Partial<StorageSourceLimits>;
}

/** Bounds of a storage source. */
export interface StorageSourceLimits {
  /** Calls under way at once; one more is answered 503 and comes again. 1,024 unless set. */
  readonly maxCalls: number;
  /** How long a connection may stand still during a call. Five minutes unless set. */
  readonly idleTimeoutMs: number;
}

/** An {@link EventSource} that is a Blob service to its clients. */
export interface StorageSource extends EventSource {
  /** Where it listens, once started. */
  readonly address: Address;
}

const DEFAULT_LIMITS: StorageSourceLimits = { maxCalls: 1_024, idleTimeoutMs: 300_000 };
const MAX_CONNECTIONS = 4_096;
const MAX_HEADER_BYTES = 32 * 1024;
const HEADERS_TIMEOUT_MS = 60_000;
const KEEP_ALIVE_MS = 60_000;
/** Shorter than services keep a connection (Azurite: 5 s), so that none is used just as it is closed. */
const UPSTREAM_IDLE_MS = 2_000;
const STOP_GRACE_MS = 10_000;

/**
 * A streaming reverse proxy in front of a storage account's Blob endpoint that raises the account's storage events.
 * A call that raises an event is answered once the event is durable; when it cannot be kept, the answer is 503
 * ServerBusy, see {@link CallHandler}. Everything else passes through as if the proxy were not there.
 * `start` rejects with `conflict` when the address is taken.
 * Source: [EG-STORAGE-PROXY], [EG-STORAGE-CALLS]
 */
export function createStorageSource(options: StorageSourceOptions): StorageSource {
  return new StorageProxy(options);
}

class StorageProxy implements StorageSource {
  readonly #options: StorageSourceOptions;
  readonly #limits: StorageSourceLimits;
  readonly #agent: Agent;
  readonly #copies: PendingCopies;
  readonly #calls = new Set<Promise<void>>();
  #owed: OwedEvents | undefined;
  #server: Server | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: StorageSourceOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#agent = new Agent({ keepAlive: true, timeout: UPSTREAM_IDLE_MS });
    this.#copies = new PendingCopies(options.clock, options.logger);
  }

  get address(): Address {
    const address = this.#server?.address();
    if (address === undefined || address === null || typeof address === "string") {
      throw new RingmainError("internal", "the storage source is not started");
    }
    return { host: this.#options.listen.host, port: address.port };
  }

  async start(sink: EventSink): Promise<void> {
    const { idleTimeoutMs } = this.#limits;
    const server = createServer({
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: 0, // an upload may take long; it may not stand still: see the next line
      keepAliveTimeout: KEEP_ALIVE_MS,
    });
    // Longer than the wait for the service, so that a client of a silent service gets an answer, not a reset.
    server.setTimeout(2 * idleTimeoutMs);
    server.maxConnections = MAX_CONNECTIONS;
    this.#server = server;
    const { host, port } = this.#options.listen;
    await listen(server, host, port);
    const { sourceId, clock, logger } = this.#options;
    this.#owed = new OwedEvents({ clock, logger, publish: (events) => sink.publishSystemEvents(sourceId, events) });
    const handler = new CallHandler({
      ...this.#options,
      sink,
      owed: this.#owed,
      upstream: { ...this.#options.upstream, agent: this.#agent, idleTimeoutMs },
      nextSequencer: createSequencer(this.#options.clock),
      copies: this.#copies,
      origin: `http://${host.includes(":") ? `[${host}]` : host}:${this.address.port}`,
    });
    server.on("request", (request, response) => this.#take(handler, request, response, false));
    server.on("checkContinue", (request, response) => this.#take(handler, request, response, true));
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  #take(handler: CallHandler, request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): void {
    // Without these a connection that breaks would end the process.
    request.on("error", () => {});
    response.on("error", () => {});
    const exchange = { request, response, awaitsContinue };
    // Refused rather than queued: a copy calls back through this proxy for its source, and a full queue would never move.
    const work =
      this.#calls.size >= this.#limits.maxCalls
        ? handler.refuse(exchange, "too many calls are under way")
        : handler.handle(exchange);
    const call = work.catch((thrown: unknown) => {
      this.#options.logger.error("storage_call_failed", { error: toError(thrown).message });
      response.destroy();
    });
    this.#calls.add(call);
    void call.finally(() => {
      this.#calls.delete(call);
      if (this.#stopping !== undefined) setImmediate(() => this.#server?.closeIdleConnections());
    });
  }

  async #stop(): Promise<void> {
    const server = this.#server;
    await this.#copies.stop();
    if (server?.listening === true) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const grace = AbortSignal.timeout(STOP_GRACE_MS);
      grace.addEventListener("abort", () => server.closeAllConnections(), { once: true });
      await closed;
    }
    await Promise.all(this.#calls);
    await this.#owed?.stop();
    this.#agent.destroy();
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const taken = "code" in error && error.code === "EADDRINUSE";
      const address = `${host}:${port}`;
      const message = taken ? `${address} is taken: another program, Azurite perhaps, listens there` : error.message;
      reject(new RingmainError(taken ? "conflict" : "internal", message, { cause: error }));
    });
    server.listen(port, host, resolve);
  });
}
