import { request as httpRequest } from "node:http";
import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { endToEndHeaders, headerPairs } from "./end-to-end-headers.ts";
import type { Upstream } from "./upstream.ts";
import { YoungGarbage } from "./young-garbage.ts";

/** One call of a client, on its way. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The client waits to be told that it may send the body. */
  readonly awaitsContinue: boolean;
}

/** How to pass a call on. */
export interface ForwardOptions {
  readonly upstream: Upstream;
  /** What was read of the body already. */
  readonly readBody?: readonly Buffer[];
  /**
   * What happens to a call whose body has gone out whole when the client leaves: the service may have carried it
   * out, so a call that raises an event is waited for, and any other is given up.
   */
  readonly outlivesClient: boolean;
}

/** The head of the service's answer; its body streams from `message`. */
export interface UpstreamAnswer {
  readonly message: IncomingMessage;
  readonly status: number;
  /** How long the request's body was; final when the answer is a success. */
  readonly bodyBytes: () => number;
}

/** One for the process: there is one heap. */
const youngGarbage = new YoungGarbage();

/** Methods that Node sends without a body unless a header announces one. */
const BODILESS = new Set(["GET", "HEAD", "DELETE", "OPTIONS"]);

/**
 * Passes a call on to the service, streaming, headers and body unchanged, and resolves when the head of the answer is
 * there. Rejects when there will be no answer. A client that leaves in the middle of its body takes the call with it,
 * so that the service never sees a cut body as a whole one.
 * Source: [EG-STORAGE-PROXY], [EG-STORAGE-ABORT]
 */
export function forwardRequest(exchange: Exchange, options: ForwardOptions): Promise<UpstreamAnswer> {
  const { request, response } = exchange;
  return new Promise((resolve, reject) => {
    const outgoing = openRequest(exchange, options.upstream);
    let bodyBytes = 0;
    let answer: IncomingMessage | undefined;
    const onGone = (): void => {
      if (answer?.complete === true) return; // the connection may serve another call by now
      if (!request.complete || !options.outlivesClient) outgoing.destroy(new Error("the client is gone"));
    };
    response.once("close", onGone);
    outgoing.once("response", (message) => {
      answer = message;
      message.on("error", () => outgoing.destroy()); // whoever reads the message hears of it as well
      resolve({ message, status: message.statusCode ?? 0, bodyBytes: () => bodyBytes });
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error("the service does not answer")));
    outgoing.on("error", reject);
    outgoing.once("close", () => {
      reject(new Error("the service closed the connection"));
      request.unpipe(outgoing);
      request.resume(); // an answer may come before the body is through: the rest is read and dropped
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
    if (response.destroyed) onGone();
  });
}

function openRequest(exchange: Exchange, upstream: Upstream): ClientRequest {
  const { request, response, awaitsContinue } = exchange;
  const method = request.method ?? "GET";
  const headers = endToEndHeaders(request.rawHeaders);
  if (request.headers["transfer-encoding"] !== undefined) headers.push("Transfer-Encoding", "chunked");
  // Node would announce a chunked body where the client announced none.
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
  // Node keeps the head until the body begins: the service would take a kept connection for an idle one, and close it.
  if (!request.complete) outgoing.flushHeaders();
  return outgoing;
}

function sendBody(request: IncomingMessage, outgoing: ClientRequest): void {
  const finish = (): void => {
    if (outgoing.destroyed) return;
    if (request.rawTrailers.length > 0) outgoing.addTrailers(headerPairs(request.rawTrailers));
    outgoing.end();
  };
  // A cut body comes with an error; the response's close has ended the outgoing call by then.
  request.on("error", () => outgoing.destroy());
  if (request.readableEnded) finish();
  else request.once("end", finish).pipe(outgoing, { end: false });
}

/**
 * Passes the service's answer on to the client, streaming. Resolves when it has gone out, or when either side has
 * left; a client that got a part of it sees its connection closed, not a short answer.
 * Source: [EG-STORAGE-PROXY]
 */
export async function forwardAnswer({ request, response }: Exchange, answer: UpstreamAnswer): Promise<void> {
  const { message } = answer;
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
    response.destroy(); // whoever left, nothing more can be said to the client
  }
}

/** Writes the head of the service's answer as it is. */
export function writeHead(request: IncomingMessage, response: ServerResponse, message: IncomingMessage): void {
  const headers = endToEndHeaders(message.rawHeaders);
  // Trailers go with a chunked body only, which Node forms when there is no length.
  if (message.headers["trailer"] !== undefined) headers.push("Transfer-Encoding", "chunked");
  // Unsent, an awaited body would be taken for the next call.
  if (!request.complete && request.headers.expect !== undefined) headers.push("Connection", "close");
  response.sendDate = false;
  response.writeHead(message.statusCode ?? 502, message.statusMessage, headers);
}
