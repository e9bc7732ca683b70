import { request as httpRequest } from "node:http";
import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { endToEndHeaders, headerPairs } from "./end-to-end-headers.ts";
import type { Upstream } from "./upstream.ts";
import { YoungGarbage } from "./young-garbage.ts";

/** One call of a client that is being handled. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** True if the client waits for 100 Continue before it sends the body. */
  readonly awaitsContinue: boolean;
}

/** Options for forwarding a call. */
export interface ForwardOptions {
  readonly upstream: Upstream;
  /** Parts of the body that have been read already. */
  readonly readBody?: readonly Buffer[];
  /**
   * Whether to wait for the response if the client disconnects after its whole body was forwarded. The service may
   * have carried the call out, so this must be true for a call that raises an event.
   */
  readonly outlivesClient: boolean;
}

/** Head of the service's response. The body streams from `message`. */
export interface UpstreamResponse {
  readonly message: IncomingMessage;
  readonly status: number;
  /** Returns the length of the request's body so far. Final once a successful response arrives. */
  readonly bodyBytes: () => number;
}

/** Shared by all calls: the process has one heap. */
const youngGarbage = new YoungGarbage();

/** Methods that Node sends without a body unless a header announces one. */
const BODILESS = new Set(["GET", "HEAD", "DELETE", "OPTIONS"]);

/**
 * Forwards a call to the service, streaming, with headers and body unchanged. Resolves when the head of the
 * response arrives; rejects if there will be no response. If the client disconnects in the middle of its body, the
 * call is aborted, so that the service never takes a cut body for a whole one.
 * Source: [EG-STORAGE-PROXY], [EG-STORAGE-ABORT]
 */
export function forwardRequest(exchange: Exchange, options: ForwardOptions): Promise<UpstreamResponse> {
  const { request, response } = exchange;
  return new Promise((resolve, reject) => {
    const outgoing = openRequest(exchange, options.upstream);
    let bodyBytes = 0;
    let upstreamResponse: IncomingMessage | undefined;
    const onDisconnect = (): void => {
      if (upstreamResponse?.complete === true) return; // the connection may serve another call already
      if (!request.complete || !options.outlivesClient) outgoing.destroy(new Error("the client is gone"));
    };
    response.once("close", onDisconnect);
    outgoing.once("response", (message) => {
      upstreamResponse = message;
      message.on("error", () => outgoing.destroy()); // the reader of the message gets the error too
      resolve({ message, status: message.statusCode ?? 0, bodyBytes: () => bodyBytes });
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error("the service does not respond")));
    outgoing.on("error", reject);
    outgoing.once("close", () => {
      reject(new Error("the service closed the connection"));
      request.unpipe(outgoing);
      request.resume(); // the response may arrive before the end of the body: discards the rest
    });
    for (const chunk of options.readBody ?? []) {
      bodyBytes += chunk.length;
      outgoing.write(chunk);
    }
    request.on("data", (chunk: Buffer) => {
      bodyBytes += chunk.length;
      youngGarbage.passed(chunk.length);
    });
    sendBody(request, outgoing);
    if (response.destroyed) onDisconnect();
  });
}

function openRequest(exchange: Exchange, upstream: Upstream): ClientRequest {
  const { request, response, awaitsContinue } = exchange;
  const method = request.method ?? "GET";
  const headers = endToEndHeaders(request.rawHeaders);
  if (request.headers["transfer-encoding"] !== undefined) headers.push("Transfer-Encoding", "chunked");
  // Without this, Node would announce a chunked body that the client did not announce.
  else if (request.headers["content-length"] === undefined && !BODILESS.has(method))
    headers.push("Content-Length", "0");
  const outgoing = httpRequest({
    host: upstream.host,
    port: upstream.port,
    agent: upstream.agent,
    timeout: upstream.idleTimeoutMs,
    method,
    path: request.url ?? "/",
    headers,
    setHost: false,
  });
  if (awaitsContinue) {
    outgoing.once("continue", () => {
      if (!response.headersSent && !response.destroyed) response.writeContinue();
    });
  }
  // Node holds the head back until the body begins. The service would take a kept connection for an idle one and
  // close it.
  if (!request.complete) outgoing.flushHeaders();
  return outgoing;
}

function sendBody(request: IncomingMessage, outgoing: ClientRequest): void {
  const finish = (): void => {
    if (outgoing.destroyed) return;
    if (request.rawTrailers.length > 0) outgoing.addTrailers(headerPairs(request.rawTrailers));
    outgoing.end();
  };
  // A cut body emits an error. The response's close has aborted the outgoing call by then.
  request.on("error", () => outgoing.destroy());
  if (request.readableEnded) finish();
  else request.once("end", finish).pipe(outgoing, { end: false });
}

/**
 * Forwards the service's response to the client, streaming. Resolves when it has been sent or either side has
 * disconnected. If the service disconnects early, the client's connection is closed, so that it does not see a
 * short response.
 * Source: [EG-STORAGE-PROXY]
 */
export async function forwardResponse(
  { request, response }: Exchange,
  upstreamResponse: UpstreamResponse,
): Promise<void> {
  const { message } = upstreamResponse;
  if (response.destroyed) {
    message.resume();
    return;
  }
  writeHead(request, response, message);
  message.on("data", (chunk: Buffer) => youngGarbage.passed(chunk.length));
  message.once("end", () => {
    if (message.rawTrailers.length > 0) response.addTrailers(headerPairs(message.rawTrailers));
  });
  try {
    await pipeline(message, response);
  } catch {
    response.destroy(); // either side has disconnected: nothing more can be sent
  }
}

/** Writes the head of the service's response unchanged. */
export function writeHead(request: IncomingMessage, response: ServerResponse, message: IncomingMessage): void {
  const headers = endToEndHeaders(message.rawHeaders);
  // Trailers need a chunked body, which Node creates only if there is no length.
  if (message.headers["trailer"] !== undefined) headers.push("Transfer-Encoding", "chunked");
  // If the client never sends the announced body, the next call would be read as that body.
  if (!request.complete && request.headers.expect !== undefined) headers.push("Connection", "close");
  response.sendDate = false;
  response.writeHead(message.statusCode ?? 502, message.statusMessage, headers);
}
