import { RingmainError } from "../../core/errors.ts";
import { onAbort } from "../../core/async/on-abort.ts";
import type { StreamClient } from "../../ports/event-streams.ts";

/** An event for the clients of a stream. */
export interface StreamEvent {
  readonly id: string;
  /** Text of the server-sent event. */
  readonly text: string;
}

const MAX_CLIENTS = 100;
/** Unsent bytes at which a client is too slow and is disconnected. */
const MAX_BUFFERED_BYTES = 4_000_000;
/** Events that are kept for clients that reconnect. [EG-STREAM-RESUME] */
const KEPT_EVENTS = 256;
const KEPT_CHARS = 4_000_000;

/** One stream, with its clients and the latest events. */
export class EventStream {
  readonly #clients = new Set<StreamClient>();
  readonly #waiting = new Set<() => void>();
  readonly #kept: StreamEvent[] = [];
  #keptChars = 0;

  /** Adds a client. Returns a function that removes it. */
  connect(client: StreamClient, lastEventId: string | undefined): () => void {
    if (this.#clients.size >= MAX_CLIENTS) {
      throw new RingmainError("conflict", `The stream already has the maximum of ${MAX_CLIENTS} clients.`);
    }
    this.#clients.add(client);
    const last = lastEventId === undefined ? -1 : this.#kept.findIndex(({ id }) => id === lastEventId);
    if (last >= 0) for (const { text } of this.#kept.slice(last + 1)) client.write(text, () => {});
    for (const wake of this.#waiting) wake();
    return () => this.#clients.delete(client);
  }

  /**
   * Resolves when at least one client has received the event. Waits for a client until `signal` is aborted. [EG-STREAM]
   */
  async send(event: StreamEvent, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#clients.size === 0) await this.#someClient(signal);
      else if (await this.#broadcast(event.text)) {
        this.#keep(event);
        return;
      }
    }
  }

  /** Ends all clients. */
  end(): void {
    for (const client of this.#clients) client.end();
    this.#clients.clear();
  }

  async #someClient(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        forget();
        resolve();
      };
      const forget = onAbort(signal, wake);
      this.#waiting.add(wake);
    });
  }

  /** Writes to all clients. Resolves, as early as possible, with whether one of them has received the text. */
  async #broadcast(text: string): Promise<boolean> {
    return new Promise((done) => {
      let open = this.#clients.size;
      for (const client of this.#clients) {
        client.write(text, (ok) => {
          open -= 1;
          if (!ok) this.#clients.delete(client);
          if (ok || open === 0) done(ok);
        });
        if (client.bufferedBytes > MAX_BUFFERED_BYTES) {
          this.#clients.delete(client);
          client.end();
        }
      }
    });
  }

  #keep(event: StreamEvent): void {
    this.#kept.push(event);
    this.#keptChars += event.text.length;
    while (this.#kept.length > KEPT_EVENTS || this.#keptChars > KEPT_CHARS) {
      this.#keptChars -= this.#kept.shift()?.text.length ?? 0;
    }
  }
}
