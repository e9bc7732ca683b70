import { Agent, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { RingmainError, toError } from "../../core/errors.ts";
import { formatTime } from "../../core/time.ts";
import { HttpListener, type ProblemBody } from "../../listen/http-listener.ts";
import type { HttpProblem } from "../../listen/http-problem.ts";
import type { Clock } from "../../ports/clock.ts";
import type { EventSink, EventSource } from "../../ports/event-source.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Random } from "../../ports/random.ts";
import { CallHandler } from "./call-handler.ts";
import { OwedEvents } from "./events/owed-events.ts";
import { PendingCopies } from "./events/pending-copies.ts";
import { createSequencer } from "./events/sequencer.ts";
import { errorDocument } from "./storage-error.ts";
import type { UrlForm } from "./events/storage-event.ts";

/** A host and a port, for example `127.0.0.1` and 10000. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A storage account whose events are raised. */
export interface WatchedAccount {
  readonly name: string;
  /** One of its keys (Base64), which signs the requests for blob properties. */
  readonly key: string;
  /** ARM id of the storage account, the topic of its events. */
  readonly sourceId: string;
  /** Form of `data.url`: the production address, or the address that the client used. */
  readonly urlForm: UrlForm;
}

/** Options for a storage source. */
export interface StorageSourceOptions {
  /** Address of the Blob service, over plain HTTP. */
  readonly upstream: Address;
  /** Address at which clients reach the service through this source. Port 0 takes a free port. */
  readonly listen: Address;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly limits?: Partial<StorageSourceLimits>;
}

/** Limits of a storage source. */
export interface StorageSourceLimits {
  /** Maximum number of concurrent calls; further calls get 503. Default: 1,024. */
  readonly maxCalls: number;
  /** Idle timeout of a connection during a call, on either side. Default: five minutes. */
  readonly idleTimeoutMs: number;
}

/** An {@link EventSource} that clients use as a Blob service. */
export interface StorageSource extends EventSource {
  /** Address it listens on. Only available once started. */
  readonly address: Address;
  /** Starts raising the events of an account, or switches to another of its keys. Only once started. */
  watch(account: WatchedAccount): void;
  /** Stops raising the events of an account, after trying to store its owed events. */
  unwatch(name: string): Promise<void>;
}

/** Stands for no account: its calls pass through and raise no events. */
const NO_ACCOUNT: WatchedAccount = { name: "", key: "", sourceId: "", urlForm: "production" };

const DEFAULT_LIMITS: StorageSourceLimits = { maxCalls: 1_024, idleTimeoutMs: 300_000 };
const MAX_CONNECTIONS = 4_096;
const MAX_HEAD_BYTES = 32 * 1024;
const KEEP_ALIVE_MS = 60_000;
/**
 * Shorter than services keep a connection (Azurite: 5 s), so that a connection is not used while it is being closed.
 */
const UPSTREAM_IDLE_MS = 2_000;
const STOP_GRACE_MS = 10_000;

/**
 * Creates a streaming reverse proxy in front of a Blob endpoint that raises the storage events of the watched
 * accounts. A call that raises an event gets its response once the event is durable; if the event cannot be stored,
 * the response is 503 ServerBusy, see {@link CallHandler}. All other calls pass through unchanged. `start` rejects
 * with `conflict` if the address is taken.
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
  readonly #nextSequencer: () => string;
  readonly #calls = new Set<Promise<void>>();
  readonly #watched = new Map<string, { readonly handler: CallHandler; readonly owed: OwedEvents }>();
  readonly #listener: HttpListener;
  #sink: EventSink | undefined;
  #passThrough: CallHandler | undefined;
  #server: Server | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: StorageSourceOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#agent = new Agent({ keepAlive: true, timeout: UPSTREAM_IDLE_MS });
    this.#copies = new PendingCopies(options.clock, options.logger);
    this.#nextSequencer = createSequencer(options.clock);
    this.#listener = new HttpListener({
      limits: { connections: MAX_CONNECTIONS, timeoutMs: this.#limits.idleTimeoutMs, streamedBodies: true },
      keepAliveMs: KEEP_ALIVE_MS,
      maxHeadBytes: MAX_HEAD_BYTES,
      logger: options.logger,
      describe: (problem) => this.#describe(problem),
      serve: (request, response) => this.#serve(request, response, false),
      serveExpectant: (request, response) => this.#serve(request, response, true),
    });
  }

  get address(): Address {
    const address = this.#server?.address() as AddressInfo | null | undefined;
    if (address === undefined || address === null) {
      throw new RingmainError("internal", "the storage source is not started");
    }
    return { host: this.#options.listen.host, port: address.port };
  }

  async start(sink: EventSink): Promise<void> {
    const { host, port } = this.#options.listen;
    this.#sink = sink;
    this.#passThrough = this.#createHandler(sink, NO_ACCOUNT).handler;
    try {
      this.#server = await this.#listener.listen(host, port);
    } catch (thrown) {
      throw cannotListen(`${host}:${port}`, toError(thrown));
    }
  }

  watch(account: WatchedAccount): void {
    if (this.#sink === undefined) throw new RingmainError("internal", "the storage source is not started");
    const owed = this.#watched.get(account.name)?.owed;
    this.#watched.set(account.name, this.#createHandler(this.#sink, account, owed));
  }

  async unwatch(name: string): Promise<void> {
    const watched = this.#watched.get(name);
    this.#watched.delete(name);
    await watched?.owed.stop();
  }

  #createHandler(
    sink: EventSink,
    account: WatchedAccount,
    known?: OwedEvents,
  ): { readonly handler: CallHandler; readonly owed: OwedEvents } {
    const { clock, logger } = this.#options;
    const { sourceId, urlForm } = account;
    const owed =
      known ?? new OwedEvents({ clock, logger, publish: (events) => sink.publishSystemEvents(sourceId, events) });
    const handler = new CallHandler({
      ...this.#options,
      account,
      sourceId,
      urlForm,
      sink,
      owed,
      upstream: { ...this.#options.upstream, agent: this.#agent, idleTimeoutMs: this.#limits.idleTimeoutMs },
      nextSequencer: this.#nextSequencer,
      copies: this.#copies,
    });
    return { handler, owed };
  }

  /**
   * Returns the handler of a request's account, which is the first segment of the path or the first label of the host.
   */
  #handlerFor({ url = "", headers }: IncomingMessage): CallHandler | undefined {
    const inHost = this.#watched.get((headers.host ?? "").split(".", 1)[0]?.toLowerCase() ?? "");
    return (inHost ?? this.#watched.get(url.split(/[/?]/, 2)[1] ?? ""))?.handler ?? this.#passThrough;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  #serve(request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): void {
    const handler = this.#handlerFor(request);
    if (handler === undefined) return;
    // Without a listener, an error of a broken connection would end the process.
    request.on("error", () => {});
    response.on("error", () => {});
    const exchange = { request, response, awaitsContinue };
    // Refuses the call instead of queueing it: a copy reads its source through this proxy, and a full queue would
    // block it.
    const work =
      this.#calls.size >= this.#limits.maxCalls
        ? handler.refuse(exchange, "too many calls are under way")
        : handler.handle(exchange);
    const call = work.catch((thrown: unknown) => {
      this.#options.logger.error("storage_call_failed", { error: toError(thrown).message });
      response.destroy();
    });
    this.#calls.add(call);
    void call.finally(() => this.#calls.delete(call));
  }

  async #stop(): Promise<void> {
    await this.#copies.stop();
    await this.#listener.close(AbortSignal.timeout(STOP_GRACE_MS));
    await Promise.all(this.#calls);
    await Promise.all(Array.from(this.#watched.keys(), (name) => this.unwatch(name)));
    this.#agent.destroy();
  }

  /** Returns a problem of the listener in the form of the Blob service. Source: [EG-STORAGE-ERROR] */
  #describe({ status, code, message }: HttpProblem): ProblemBody {
    const { random, clock } = this.#options;
    const requestId = random.uuid();
    const time = formatTime(clock.now());
    return errorDocument({ status, code: STORAGE_CODES[status] ?? code, message, requestId, time });
  }
}

/** The service's error codes for invalid requests, by status. */
const STORAGE_CODES: Readonly<Record<number, string>> = { 400: "InvalidInput", 503: "ServerBusy" };

function cannotListen(address: string, error: Error): RingmainError {
  const isTaken = "code" in error && error.code === "EADDRINUSE";
  const message = isTaken ? `${address} is taken: another program, Azurite perhaps, listens there` : error.message;
  return new RingmainError(isTaken ? "conflict" : "internal", message, { cause: error });
}
