import type { IncomingMessage, ServerResponse } from "node:http";
import type { ProblemBody } from "../../listen/http-listener.ts";
import { headerOf } from "./header-of.ts";

/** An error of the Blob service that the proxy itself answers with. */
export interface StorageError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
  /** RFC 3339, for the message. */
  readonly time: string;
}

/**
 * Answers in the shape of the Blob service: an XML body, and the code in `x-ms-error-code` as well. Clients of the
 * service understand it, and try again after a 503. Does nothing when the client is gone.
 * Source: [EG-STORAGE-ERROR]
 */
export function answerWithError(request: IncomingMessage, response: ServerResponse, error: StorageError): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { contentType, body, headers } = errorDocument(error);
  const clientRequestId = headerOf(request, "x-ms-client-request-id");
  response.writeHead(error.status, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
    ...headers,
    ...(clientRequestId === undefined ? {} : { "x-ms-client-request-id": clientRequestId }),
    ...(mustClose(request) ? { connection: "close" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : body);
  // Takes what is still coming, so that a client that reads only after it has written gets to read.
  request.resume();
}

/** Returns what an error's answer holds. Source: [EG-STORAGE-ERROR] */
export function errorDocument({ code, message, requestId, time }: StorageError): Required<ProblemBody> {
  const text = `${message}\nRequestId:${requestId}\nTime:${time}`;
  return {
    contentType: "application/xml",
    body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${text}</Message></Error>`,
    headers: { "x-ms-error-code": code, "x-ms-request-id": requestId },
  };
}

/** A client that was never told to continue will not send the body it announced: the connection has no next call. */
function mustClose(request: IncomingMessage): boolean {
  return !request.complete && request.headers.expect !== undefined;
}
