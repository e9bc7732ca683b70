import type { Dispatcher } from "undici";
import type { DeliveryOutcomeName } from "../../core/delivery.ts";
import { onAbort } from "../../core/async/on-abort.ts";
import { ResponseTooLargeError } from "./bound-responses.ts";
import { networkFailure } from "./network-failure.ts";

/** Headers of a response, with names in lower case. */
export type HttpHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Result of a request. */
export type HttpReply =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly headers: HttpHeaders;
      /** The beginning of the response body. */
      readonly body: Buffer;
    }
  | {
      readonly kind: "failed";
      readonly outcome: DeliveryOutcomeName;
      /** One sentence for the operator, without secrets. */
      readonly detail: string;
    };

/** Options for an {@link HttpExchange}. */
export interface ExchangeOptions {
  /** Description for messages, for example `POST https://example.org/path`. */
  readonly shown: string;
  /** Milliseconds from the request on the wire to the last byte of the response, and also for the wait before it. */
  readonly timeoutMs: number;
  /** Bytes of the response body to keep. */
  readonly keepBytes: number;
  readonly signal: AbortSignal;
  /** Whether to omit the address that the host resolved to from failures. */
  readonly hidesAddresses?: boolean;
}

const NOTHING = Buffer.alloc(0);
const GIVEN_UP = new Error("given up");

/**
 * One request and its response. Calls `done` exactly once.
 *
 * States: *queued* for a connection from the constructor on; *started* when the request is written; *settled* by the
 * end of the response, an error, a timeout or an abort. One timer runs in the first two states, and restarts when the
 * request is written, because the wait for a connection is not the endpoint's fault.
 */
export class HttpExchange implements Dispatcher.DispatchHandler {
  readonly #options: ExchangeOptions;
  readonly #done: (reply: HttpReply) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #forgetSignal: () => void;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: HttpHeaders = {};
  #kept: Buffer = NOTHING;
  #settled = false;

  constructor(options: ExchangeOptions, done: (reply: HttpReply) => void) {
    this.#options = options;
    this.#done = done;
    this.#timer = setTimeout(() => this.#timeOut(), options.timeoutMs);
    this.#forgetSignal = onAbort(options.signal, () => this.#fail("Aborted", "given up: Ringmain is stopping"));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#settled) {
      controller.abort(GIVEN_UP);
      return;
    }
    this.#controller = controller;
    // The endpoint's time begins here, after the wait for a free connection.
    this.#timer.refresh();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: HttpHeaders): void {
    // Informational responses precede the final one.
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const room = this.#options.keepBytes - this.#kept.byteLength;
    if (room > 0) this.#kept = Buffer.concat([this.#kept, chunk.subarray(0, room)]);
  }

  onResponseEnd(): void {
    this.#answer();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (this.#settled) return;
    if (this.#status !== 0 && isTooMuch(error)) {
      // The status has arrived, so the rest of the response is not needed.
      this.#answer();
      return;
    }
    const { outcome, cause } = networkFailure(error, this.#options.hidesAddresses);
    this.#fail(outcome, cause);
  }

  #timeOut(): void {
    const seconds = this.#options.timeoutMs / 1_000;
    const missing = this.#controller === undefined ? "no connection" : "no complete response";
    this.#fail("TimedOut", `${missing} within ${seconds} s`);
  }

  #answer(): void {
    this.#settle({ kind: "answered", status: this.#status, headers: this.#headers, body: this.#kept });
  }

  #fail(outcome: DeliveryOutcomeName, cause: string): void {
    this.#settle({ kind: "failed", outcome, detail: `${this.#options.shown} failed: ${cause}.` });
  }

  #settle(reply: HttpReply): void {
    if (this.#settled) return;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#forgetSignal();
    this.#done(reply);
    // Has no effect on a complete exchange.
    this.#controller?.abort(GIVEN_UP);
  }
}

/** Returns whether a response was cut for its total size or the size of its trailers. */
function isTooMuch(error: Error): boolean {
  return error instanceof ResponseTooLargeError || ("code" in error && error.code === "UND_ERR_HEADERS_OVERFLOW");
}
