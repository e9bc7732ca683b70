import type { IncomingMessage, ServerResponse } from "node:http";
import { isIPv6, type AddressInfo } from "node:net";
import { toError } from "../../core/errors.ts";
import { HttpListener } from "../../listen/http-listener.ts";
import type { Logger } from "../../ports/logger.ts";
import { sendAnswer, textAnswer, type Answer } from "./answer.ts";
import type { BlobWebhook } from "../triggers/blob-webhook.ts";
import { answerEventGrid, type EventGridWebhook } from "../triggers/event-grid-webhook.ts";
import { showsKey, type SystemKeys } from "./host-keys.ts";
import { HOST_LIMITS } from "./host-limits.ts";
import { BodyTooLarge, toHostRequest, type HostRequest } from "./host-request.ts";
import { answerHttp, type HttpFunctions } from "../triggers/http-functions.ts";

/** Who answers what. */
export interface HostParts {
  readonly keys: SystemKeys | undefined;
  readonly eventGrid: EventGridWebhook;
  readonly blobs: BlobWebhook;
  readonly http: HttpFunctions;
}

/** The HTTP server: decides who answers a request, and answers for those who cannot. */
export class HostListener {
  readonly #logger: Logger;
  readonly #parts: HostParts;
  readonly #listener: HttpListener;
  readonly #aborted = new AbortController();
  #outstanding = 0;

  /** @param requestTimeoutMs a request must have arrived whole within this many milliseconds */
  constructor(logger: Logger, requestTimeoutMs: number, parts: HostParts) {
    this.#logger = logger;
    this.#parts = parts;
    this.#listener = new HttpListener({
      limits: { connections: HOST_LIMITS.connections, timeoutMs: requestTimeoutMs },
      // Longer than clients keep idle connections, so that none is closed just as a request is on its way.
      keepAliveMs: 65_000,
      logger,
      describe: ({ message }) => ({ contentType: "text/plain; charset=utf-8", body: message }),
      serve: (incoming, response) => void this.#serve(incoming, response),
    });
  }

  async listen(host: string, port: number): Promise<string> {
    const { port: actual } = (await this.#listener.listen(host, port)).address() as AddressInfo;
    return `http://${isIPv6(host) ? `[${host}]` : host}:${actual}`;
  }

  /** Resolves when the last request is answered. */
  async close(): Promise<void> {
    await this.#listener.close(this.#aborted.signal);
  }

  /** Ends connections whose requests are still under way. */
  abort(): void {
    this.#aborted.abort();
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#outstanding += 1;
    try {
      const answer = await this.#answer(incoming);
      if (!response.destroyed) sendAnswer(response, answer);
    } catch (thrown) {
      // The client has gone away while its body was being read, or the answer has a header that cannot be sent.
      this.#logger.debug("request_failed", { error: toError(thrown).message });
      response.destroy();
    } finally {
      this.#outstanding -= 1;
    }
  }

  async #answer(incoming: IncomingMessage): Promise<Answer> {
    if (this.#outstanding > HOST_LIMITS.outstandingRequests) return textAnswer(429, "Too many requests at one time");
    const request = toHostRequest(incoming);
    try {
      return (await this.#route(request)) ?? textAnswer(404, `There is no function at ${request.url.pathname}`);
    } catch (thrown) {
      if (thrown instanceof BodyTooLarge) return textAnswer(413, thrown.message);
      if (incoming.destroyed) throw thrown;
      this.#logger.error("request_failed", { error: toError(thrown).message });
      return textAnswer(500, "The host failed; its log says why");
    }
  }

  async #route(request: HostRequest): Promise<Answer | undefined> {
    const { keys, eventGrid, blobs, http } = this.#parts;
    const extension = /^\/runtime\/webhooks\/([^/]+)\/?$/i.exec(request.url.pathname)?.[1]?.toLowerCase();
    if (extension === undefined) return answerHttp(http, request);
    const key = extension === "eventgrid" ? keys?.eventGrid : extension === "blobs" ? keys?.blobs : undefined;
    if (keys !== undefined && !showsKey(request, [keys.master, key])) return { status: 401 };
    // [EG-FUNC-EXTENSION]
    if (extension !== "eventgrid" && extension !== "blobs") return { status: 404 };
    if (!["GET", "POST", "DELETE", "OPTIONS"].includes(request.method)) return { status: 405 };
    return extension === "eventgrid" ? answerEventGrid(eventGrid, request) : blobs.answer(request);
  }
}
