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
import { OwedEvents } from "./owed-events.ts";
import { PendingCopies } from "./pending-copies.ts";
import { createSequencer } from "./sequencer.ts";
import { errorDocument } from "./storage-error.ts";
import type { UrlForm } from "./storage-event.ts";

/** A host and a port, for example `127.0.0.1` and 10000. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A storage account whose events are raised. */
export interface WatchedAccount {
  readonly name: string;
  /** One of its keys (Base64), with which missing facts are asked for. */
  readonly key: string;
  /** ARM id of the storage account: the topic of its events. */
  readonly sourceId: string;
  /** What `data.url` is: the address of production, or the one that the client used. */
  readonly urlForm: UrlForm;
}

/** What a storage source needs. */
export interface StorageSourceOptions {
  /** Where the Blob service is, over plain HTTP. */
  readonly upstream: Address;
  /** Where clients reach it through this source. Port 0 takes a free one. */
  readonly listen: Address;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly limits?: Partial<StorageSourceLimits>;
}

/** Bounds of a storage source. */
export interface StorageSourceLimits {
  /** Calls under way at once; one more is answered 503 and comes again. 1,024 unless set. */
  readonly maxCalls: number;
  /** How long a connection may stand still during a call, on either side. Five minutes unless set. */
  readonly idleTimeoutMs: number;
}

/** An {@link EventSource} that is a Blob service to its clients. */
export interface StorageSource extends EventSource {
  /** Where it listens, once started. */
  readonly address: Address;
  /** Raises the events of an account from now on, or with another key. Only once started. */
  watch(account: WatchedAccount): void;
  /** Raises no more events of an account; what its calls still owe is kept first. */
  unwatch(name: string): Promise<void>;
}

/** No call is one of this account's: all pass through. */
const NO_ACCOUNT: WatchedAccount = { name: "", key: "", sourceId: "", urlForm: "production" };

const DEFAULT_LIMITS: StorageSourceLimits = { maxCalls: 1_024, idleTimeoutMs: 300_000 };
const MAX_CONNECTIONS = 4_096;
const MAX_HEAD_BYTES = 32 * 1024;
const KEEP_ALIVE_MS = 60_000;
/** Shorter than services keep a connection (Azurite: 5 s), so that none is used just as it is closed. */
const UPSTREAM_IDLE_MS = 2_000;
const STOP_GRACE_MS = 10_000;

/**
 * A streaming reverse proxy in front of a Blob endpoint that raises the storage events of the accounts it watches.
 * What concerns other accounts passes through.
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
      serve: (request, response) => this.#take(request, response, false),
      serveExpectant: (request, response) => this.#take(request, response, true),
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
    this.#passThrough = this.#handlerOf(sink, NO_ACCOUNT).handler;
    try {
      this.#server = await this.#listener.listen(host, port);
    } catch (thrown) {
      throw cannotListen(`${host}:${port}`, toError(thrown));
    }
  }

  watch(account: WatchedAccount): void {
    if (this.#sink === undefined) throw new RingmainError("internal", "the storage source is not started");
    const owed = this.#watched.get(account.name)?.owed;
    this.#watched.set(account.name, this.#handlerOf(this.#sink, account, owed));
  }

  async unwatch(name: string): Promise<void> {
    const watched = this.#watched.get(name);
    this.#watched.delete(name);
    await watched?.owed.stop();
  }

  #handlerOf(
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

  /** The account stands first in the path, or first in the host's name. */
  #handlerFor({ url = "", headers }: IncomingMessage): CallHandler | undefined {
    const inHost = this.#watched.get((headers.host ?? "").split(".", 1)[0]?.toLowerCase() ?? "");
    return (inHost ?? this.#watched.get(url.split(/[/?]/, 2)[1] ?? ""))?.handler ?? this.#passThrough;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  #take(request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): void {
    const handler = this.#handlerFor(request);
    if (handler === undefined) return;
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
    void call.finally(() => this.#calls.delete(call));
  }

  async #stop(): Promise<void> {
    await this.#copies.stop();
    await this.#listener.close(AbortSignal.timeout(STOP_GRACE_MS));
    await Promise.all(this.#calls);
    await Promise.all(Array.from(this.#watched.keys(), (name) => this.unwatch(name)));
    this.#agent.destroy();
  }

  /** Source: [EG-STORAGE-ERROR] */
  #describe({ status, code, message }: HttpProblem): ProblemBody {
    const { random, clock } = this.#options;
    const requestId = random.uuid();
    const time = formatTime(clock.now());
    return errorDocument({ status, code: STORAGE_CODES[status] ?? code, message, requestId, time });
  }
}

/** The service's own names of what is wrong with a request, by status. */
const STORAGE_CODES: Readonly<Record<number, string>> = { 400: "InvalidInput", 503: "ServerBusy" };

function cannotListen(address: string, error: Error): RingmainError {
  const taken = "code" in error && error.code === "EADDRINUSE";
  const message = taken ? `${address} is taken: another program, Azurite perhaps, listens there` : error.message;
  return new RingmainError(taken ? "conflict" : "internal", message, { cause: error });
}
