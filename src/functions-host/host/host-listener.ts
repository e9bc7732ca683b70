import type { IncomingMessage, ServerResponse } from "node:http";
import { isIPv6, type AddressInfo } from "node:net";
import { toError } from "../../core/errors.ts";
import { HttpListener } from "../../listen/http-listener.ts";
import type { Logger } from "../../ports/logger.ts";
import { sendResponse, textResponse, type HostResponse } from "./host-response.ts";
import type { BlobWebhook } from "../triggers/blob-webhook.ts";
import { handleEventGrid, type EventGridWebhook } from "../triggers/event-grid-webhook.ts";
import { hasKey, type SystemKeys } from "./host-keys.ts";
import { HOST_LIMITS } from "./host-limits.ts";
import { BodyTooLarge, toHostRequest, type HostRequest } from "./host-request.ts";
import { handleHttp, type HttpFunctions } from "../triggers/http-functions.ts";

/** The handlers of a host, by kind of function, and its keys. */
export interface HostParts {
  readonly keys: SystemKeys | undefined;
  readonly eventGrid: EventGridWebhook;
  readonly blobs: BlobWebhook;
  readonly http: HttpFunctions;
}

/** The host's HTTP server. Routes each request to its handler and responds to requests that have none. */
export class HostListener {
  readonly #logger: Logger;
  readonly #parts: HostParts;
  readonly #listener: HttpListener;
  readonly #aborted = new AbortController();
  #outstanding = 0;

  /** @param requestTimeoutMs time within which a request must have arrived completely */
  constructor(logger: Logger, requestTimeoutMs: number, parts: HostParts) {
    this.#logger = logger;
    this.#parts = parts;
    this.#listener = new HttpListener({
      limits: { connections: HOST_LIMITS.connections, timeoutMs: requestTimeoutMs },
      // Longer than clients keep idle connections, so that no connection is closed while a request is on its way.
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

  /** Resolves when the last request has its response. */
  async close(): Promise<void> {
    await this.#listener.close(this.#aborted.signal);
  }

  /** Closes connections whose requests are still in progress. */
  abort(): void {
    this.#aborted.abort();
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#outstanding += 1;
    try {
      const result = await this.#handle(incoming);
      if (!response.destroyed) sendResponse(response, result);
    } catch (thrown) {
      // The client disconnected while its body was being read, or the response has a header that cannot be sent.
      this.#logger.debug("request_failed", { error: toError(thrown).message });
      response.destroy();
    } finally {
      this.#outstanding -= 1;
    }
  }

  async #handle(incoming: IncomingMessage): Promise<HostResponse> {
    if (this.#outstanding > HOST_LIMITS.outstandingRequests) return textResponse(429, "Too many concurrent requests");
    const request = toHostRequest(incoming);
    try {
      return (await this.#route(request)) ?? textResponse(404, `There is no function at ${request.url.pathname}`);
    } catch (thrown) {
      if (thrown instanceof BodyTooLarge) return textResponse(413, thrown.message);
      if (incoming.destroyed) throw thrown;
      this.#logger.error("request_failed", { error: toError(thrown).message });
      return textResponse(500, "The host failed. See its log for the reason.");
    }
  }

  async #route(request: HostRequest): Promise<HostResponse | undefined> {
    const { keys, eventGrid, blobs, http } = this.#parts;
    const extension = /^\/runtime\/webhooks\/([^/]+)\/?$/i.exec(request.url.pathname)?.[1]?.toLowerCase();
    if (extension === undefined) return handleHttp(http, request);
    const key = extension === "eventgrid" ? keys?.eventGrid : extension === "blobs" ? keys?.blobs : undefined;
    if (keys !== undefined && !hasKey(request, [keys.master, key])) return { status: 401 };
    // [EG-FUNC-EXTENSION]
    if (extension !== "eventgrid" && extension !== "blobs") return { status: 404 };
    if (!["GET", "POST", "DELETE", "OPTIONS"].includes(request.method)) return { status: 405 };
    return extension === "eventgrid" ? handleEventGrid(eventGrid, request) : blobs.handle(request);
  }
}
