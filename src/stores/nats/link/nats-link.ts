import { createInbox, type Msg, type MsgHdrs, type NatsConnection } from "@nats-io/transport-node";
import { RingmainError } from "../../../core/errors.ts";
import { pause } from "./pause.ts";

/** Milliseconds between two checks of the waiting requests. */
const TICK_MS = 500;
/**
 * Milliseconds for which a server keeps a pull open if there are no messages, and for which a pull waits if the server
 * does not respond.
 */
const PULL_EXPIRES_MS = 100;
const PULL_UNANSWERED_MS = 2_000;
/** Maximum number of abandoned pulls whose inboxes stay subscribed for late messages. */
const MAX_ABANDONED_PULLS = 64;
/** Servers measure time in nanoseconds. */
export const NANOSECONDS_PER_MS = 1_000_000;
const NO_RESPONDERS = 503;
const CONSUMER_DELETED = 409;

/** A request that waits for its response. */
interface Waiting {
  readonly resolve: (message: Msg) => void;
  readonly fail: (error: RingmainError) => void;
  ticks: number;
}

/**
 * An inbox for one pull at a time. A separate inbox is needed because pulled messages have their own subject and not
 * the inbox's.
 */
interface PullSlot {
  readonly inbox: string;
  readonly close: () => void;
  receive: (status: number | undefined, message: Msg) => void;
}

/**
 * The connection to the servers. Requests have a time limit; thousands at a time share one inbox.
 * - *up*: entered at start and by reconnecting. Left when the connection is lost or closed.
 * - *down*: entered when the connection is lost. All requests in progress fail with `store_unavailable`, and their
 *   effect is unknown; new ones fail at once. The client reconnects by itself, without limit.
 * - *closed*: entered by {@link close}. All requests fail with `store_unavailable`.
 */
export class NatsLink {
  readonly #connection: NatsConnection;
  readonly #timeoutTicks: number;
  readonly #inbox = createInbox();
  readonly #waiting = new Map<string, Waiting>();
  readonly #pulls = new Set<(error: RingmainError) => void>();
  readonly #slots: PullSlot[] = [];
  readonly #abandoned: PullSlot[] = [];
  readonly #reconnectListeners = new Set<() => void>();
  #state: "up" | "down" | "closed" = "up";
  #epoch = 1;
  #requests = 0;
  #ticking = false;

  constructor(connection: NatsConnection, timeoutMs: number) {
    this.#connection = connection;
    this.#timeoutTicks = Math.ceil(timeoutMs / TICK_MS) + 1;
    const prefix = this.#inbox.length + 1;
    connection.subscribe(`${this.#inbox}.*`, {
      callback: (_error, message) => {
        const key = message.subject.slice(prefix);
        const waiting = this.#waiting.get(key);
        if (waiting === undefined) return;
        this.#waiting.delete(key);
        waiting.resolve(message);
      },
    });
    void this.#followStatus();
  }

  /** A number that changes whenever the connection is lost. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The server's limit on the size of a message in bytes. */
  get maxPayload(): number {
    return this.#connection.info?.max_payload ?? 1_048_576;
  }

  /** Sends a message without waiting for a response. Throws `store_unavailable`. */
  publish(subject: string, payload: string): void {
    this.#requireUp();
    this.#connection.publish(subject, payload);
  }

  /**
   * Sends a request and waits for one response; `undefined` if there is no receiver. Rejects with `store_unavailable`.
   */
  request(subject: string, payload: Uint8Array | string, headers?: MsgHdrs): Promise<Msg | undefined> {
    return new Promise((resolve, reject) => {
      this.#requireUp();
      const key = (this.#requests += 1).toString(36);
      this.#waiting.set(key, {
        resolve: (message) => resolve(statusOf(message) === NO_RESPONDERS ? undefined : message),
        fail: reject,
        ticks: this.#timeoutTicks,
      });
      this.#startTicking();
      this.#connection.publish(subject, payload, { reply: `${this.#inbox}.${key}`, ...(headers && { headers }) });
    });
  }

  /**
   * Pulls up to `batch` waiting messages from a consumer. If there are none, the server keeps the pull open for a
   * moment: a pull without that limit would end at once only if no other pulls wait, and would stay open otherwise.
   *
   * Returns `undefined` if the server does not respond, as when the consumer does not exist. Messages that a busy
   * server sends after that are passed to `late`, because the server counts them as received.
   */
  pull(subject: string, batch: number, late: (message: Msg) => void): Promise<Msg[] | undefined> {
    return new Promise((resolve, reject) => {
      this.#requireUp();
      const slot = this.#slots.pop() ?? this.#openSlot();
      const messages: Msg[] = [];
      const timer = AbortSignal.timeout(PULL_UNANSWERED_MS);
      const leave = (reusable: boolean): void => {
        this.#pulls.delete(fail);
        timer.removeEventListener("abort", expire);
        slot.receive = () => {};
        if (reusable) this.#slots.push(slot);
        else this.#abandon(slot, late);
      };
      const expire = (): void => {
        leave(false);
        resolve(messages.length === 0 ? undefined : messages);
      };
      const fail = (error: RingmainError): void => {
        leave(false);
        reject(error);
      };
      slot.receive = (status, message) => {
        if (status === undefined) messages.push(message);
        if (status === undefined && messages.length < batch) return;
        const gone = status === CONSUMER_DELETED || status === NO_RESPONDERS;
        leave(!gone);
        resolve(gone && messages.length === 0 ? undefined : messages);
      };
      timer.addEventListener("abort", expire, { once: true });
      this.#pulls.add(fail);
      const wanted = JSON.stringify({ batch, no_wait: true, expires: PULL_EXPIRES_MS * NANOSECONDS_PER_MS });
      this.#connection.publish(subject, wanted, { reply: slot.inbox });
    });
  }

  /** Calls `listener` with every message on a subject. Returns a function that ends the subscription. */
  subscribe(subject: string, listener: (message: Msg) => void): () => void {
    const subscription = this.#connection.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) listener(message);
      },
    });
    return () => subscription.unsubscribe();
  }

  onReconnect(listener: () => void): void {
    this.#reconnectListeners.add(listener);
  }

  /** Sends all pending messages, then closes the connection. */
  async close(): Promise<void> {
    if (this.#state === "closed") return;
    const wasUp = this.#state === "up";
    this.#state = "closed";
    if (wasUp) await Promise.race([this.#connection.flush().catch(() => {}), pause(this.#timeoutTicks * TICK_MS)]);
    await this.#connection.close();
    this.#failAll("The store was closed");
  }

  #openSlot(): PullSlot {
    const inbox = createInbox();
    const subscription = this.#connection.subscribe(inbox, {
      callback: (error, message) => slot.receive(error === null ? statusOf(message) : NO_RESPONDERS, message),
    });
    const slot: PullSlot = { inbox, close: () => subscription.unsubscribe(), receive: () => {} };
    return slot;
  }

  /**
   * Keeps the inbox of a pull that did not end properly, because the server may still send messages to it. The inbox is
   * not used again.
   */
  #abandon(slot: PullSlot, late: (message: Msg) => void): void {
    slot.receive = (status, message) => {
      if (status === undefined && this.#state === "up") late(message);
    };
    this.#abandoned.push(slot);
    if (this.#abandoned.length > MAX_ABANDONED_PULLS) this.#abandoned.shift()?.close();
  }

  #requireUp(): void {
    if (this.#state === "up") return;
    throw unavailable(this.#state === "closed" ? "The store is closed" : "The NATS servers cannot be reached");
  }

  async #followStatus(): Promise<void> {
    for await (const status of this.#connection.status()) {
      if (this.#state === "closed") return;
      if (status.type === "disconnect") {
        this.#state = "down";
        this.#epoch += 1;
        this.#failAll("The connection to the NATS server was lost");
      } else if (status.type === "reconnect") {
        this.#state = "up";
        for (const listener of this.#reconnectListeners) listener();
      }
    }
  }

  #failAll(reason: string): void {
    const waiting = [...this.#waiting.values()];
    const pulls = [...this.#pulls];
    this.#waiting.clear();
    this.#pulls.clear();
    for (const { fail } of waiting) fail(unavailable(reason));
    for (const fail of pulls) fail(unavailable(reason));
  }

  #startTicking(): void {
    if (this.#ticking) return;
    this.#ticking = true;
    void this.#tick();
  }

  /**
   * Checks the time limits of all requests with one timer, which runs while there are any. A timer per request would
   * cost more than the request.
   */
  async #tick(): Promise<void> {
    while (this.#waiting.size > 0) {
      await pause(TICK_MS);
      for (const [key, waiting] of this.#waiting) {
        waiting.ticks -= 1;
        if (waiting.ticks > 0) continue;
        this.#waiting.delete(key);
        waiting.fail(unavailable("The NATS server did not respond in time"));
      }
    }
    this.#ticking = false;
  }
}

/** Returns the error for a call that failed because no server was available. */
export function unavailable(reason: string, cause?: unknown): RingmainError {
  return new RingmainError("store_unavailable", `${reason}.`, cause === undefined ? {} : { cause });
}

/** Returns the status that a server sends in place of a message. */
function statusOf(message: Msg): number | undefined {
  const code = message.headers?.code ?? 0;
  return code > 0 && message.data.length === 0 ? code : undefined;
}
