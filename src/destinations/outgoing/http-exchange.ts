import type { Dispatcher } from "undici";
import type { DeliveryOutcomeName } from "../../core/delivery.ts";
import { onAbort } from "../../core/async/on-abort.ts";
import { ResponseTooLargeError } from "./bound-responses.ts";
import { networkFailure } from "./network-failure.ts";

/** Headers of an answer, names in lower case. */
export type HttpHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** What came of a request. */
export type HttpReply =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly headers: HttpHeaders;
      /** The beginning of the answer's body. */
      readonly body: Buffer;
    }
  | {
      readonly kind: "failed";
      readonly outcome: DeliveryOutcomeName;
      /** One sentence for people, without secrets. */
      readonly detail: string;
    };

/** What an exchange needs to know of its request. */
export interface ExchangeOptions {
  /** For messages: `POST https://example.org/path`. */
  readonly shown: string;
  /** From the request on the wire to the last byte of the answer; as much again is given for a connection. */
  readonly timeoutMs: number;
  /** How much of the answer's body is kept. */
  readonly keepBytes: number;
  readonly signal: AbortSignal;
  /** A failure does not tell which address the target's host led to. */
  readonly hidesAddresses?: boolean;
}

const NOTHING = Buffer.alloc(0);
const GIVEN_UP = new Error("given up");

/** One request and its answer, from the moment it is queued for a connection. Calls `done` exactly once. */
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
    // The wait for a free connection is not the endpoint's fault: its time begins here.
    this.#timer.refresh();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: HttpHeaders): void {
    // Informational answers come before the one that counts.
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
      // Everything that counts has arrived; the rest is cut.
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
    // Does nothing to an exchange that is complete.
    this.#controller?.abort(GIVEN_UP);
  }
}

/** Whether a response was broken off for its length: of all it sent, or of its trailers. */
function isTooMuch(error: Error): boolean {
  return error instanceof ResponseTooLargeError || ("code" in error && error.code === "UND_ERR_HEADERS_OVERFLOW");
}
